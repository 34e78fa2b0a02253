import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { taggedFiles } from '../checks/other-nodes.mjs';
import { root } from '../setup/set-up.mjs';

test('the test files with the tag are found, and no others', (context) => {
  const copy = mkdtempSync(join(tmpdir(), 'mp-other-nodes-'));
  context.after(() => rmSync(copy, { recursive: true, force: true }));
  const write = (path, text) => {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  };
  write('packages/pool/test/a.test.ts', "// @module-tag every-node\nimport 'vitest';\n");
  write('packages/pool/test/deep/b.test.ts', "import 'vitest';\n// @module-tag every-node\n");
  write('packages/pool/test/c.test.ts', "// what @module-tag every-node means\nimport 'vitest';\n");
  write('packages/pool/test/fixtures/d.ts', '// @module-tag every-node\n');
  assert.deepEqual(taggedFiles(copy).sort(), ['packages/pool/test/a.test.ts', 'packages/pool/test/deep/b.test.ts']);
});

test('start methods, connections and pools are tested on each Node', () => {
  const packages = new Set(taggedFiles(root).map((path) => path.split('/')[1]));
  for (const name of ['native', 'reduction', 'connection', 'process', 'pool']) assert.ok(packages.has(name), name);
});
