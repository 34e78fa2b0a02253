import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cruise, layers } from '../checks/layers.mjs';
import { emptyWorkspace, temporaryCopy } from './temporary-copy.mjs';

const manifest = (name, more = {}) =>
  JSON.stringify({
    name: `@mp/${name}`,
    type: 'module',
    exports: { '.': { '@mp/source': './src/index.ts' } },
    ...more,
  });

/** Three packages of neighbouring floors that import each other by name, and what is planted in them. */
function workspace(context, planted) {
  const names = ['errors', 'native', 'reduction', 'connection', 'testing'];
  const own = Object.fromEntries(
    names.flatMap((name) => [
      [`packages/${name}/package.json`, manifest(name)],
      [`packages/${name}/src/index.ts`, `export const ${name} = 1;\n`],
    ]),
  );
  const files = { ...own, 'packages/reduction/src/deep.ts': 'export const deep = 1;\n', ...planted };
  const copy = emptyWorkspace(context, files);
  for (const name of names) {
    for (const target of [...names, 'msgpackr', 'vitest']) {
      const isOurs = names.includes(target);
      const link = join(copy.root, 'packages', name, 'node_modules', isOurs ? '@mp' : '', target);
      mkdirSync(join(link, '..'), { recursive: true });
      if (isOurs) symlinkSync(join(copy.root, 'packages', target), link);
    }
  }
  return copy;
}

const rulesBroken = async (copy) => {
  const { violations } = await cruise(copy.root);
  return violations.map((text) => / {4}([\w-]+):/.exec(text)[1]).sort();
};

test('a package that imports from lower floors by name is in order', async (context) => {
  const copy = workspace(context, {
    'packages/connection/src/index.ts': "import '@mp/errors';\nimport '@mp/native';\nexport const connection = 1;\n",
    'packages/connection/test/a.test.ts': "import '../src/index.ts';\nimport '@mp/testing';\n",
  });
  const { modules, violations } = await cruise(copy.root);
  assert.deepEqual(violations, []);
  assert.ok(modules >= 5, `${modules} modules`);
});

const planted = [
  ['an import from a higher floor', 'native', "import '@mp/connection';\n", ['floor-1-native']],
  ['a type from a higher floor', 'native', "export type { connection } from '@mp/connection';\n", ['floor-1-native']],
  ['an import from the same floor', 'native', "import '@mp/reduction';\n", ['floor-1-native']],
  [
    'a file that is no entry point',
    'connection',
    "import '../node_modules/@mp/reduction/src/deep.ts';\n",
    ['no-deep-import', 'no-relative-import-of-another-package'],
  ],
  [
    'a relative import of another package',
    'connection',
    "import '../../errors/src/index.ts';\n",
    ['no-relative-import-of-another-package'],
  ],
  ['a module that is not there', 'connection', "import './missing.ts';\n", ['not-unresolvable']],
  ['help for tests in what is published', 'connection', "import '@mp/testing';\n", ['not-to-test']],
];

for (const [what, name, code, rules] of planted) {
  test(`${what} is found`, async (context) => {
    const copy = workspace(context, { [`packages/${name}/src/index.ts`]: `${code}export const planted = 1;\n` });
    assert.deepEqual(await rulesBroken(copy), rules);
  });
}

test('a cycle is found, and one of types alone is none', async (context) => {
  const copy = workspace(context, {
    'packages/native/src/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
    'packages/native/src/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
    'packages/native/src/c.ts': "import type { D } from './d.ts';\nexport interface C { d: D }\n",
    'packages/native/src/d.ts': "import type { C } from './c.ts';\nexport interface D { c: C }\n",
  });
  assert.deepEqual([...new Set(await rulesBroken(copy))], ['no-circular']);
});

test('machine code outside of @mp/native is found', async (context) => {
  const copy = workspace(context, {
    'packages/reduction/src/index.ts':
      "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nrequire('./fast.node');\n",
    'packages/reduction/src/fast.node': '',
  });
  assert.deepEqual(await rulesBroken(copy), ['addon-through-native']);
});

test('a third-party module is found, and msgpackr is allowed where it belongs', async (context) => {
  const copy = workspace(context, {
    'packages/errors/src/index.ts': "import 'vitest';\nexport const errors = 1;\n",
    'packages/native/src/index.ts': "import '@biomejs/biome/package.json';\nexport const native = 1;\n",
  });
  const rules = await rulesBroken(copy);
  assert.ok(rules.includes('no-third-party'), rules.join());
});

test('what was built earlier is not looked at', async (context) => {
  const copy = workspace(context, { 'packages/errors/dist/index.js': "import './missing.js';\n" });
  assert.deepEqual(await rulesBroken(copy), []);
});

test('a package without a floor is found', async (context) => {
  const copy = workspace(context, {
    'packages/novel/package.json': manifest('novel'),
    'packages/novel/src/index.ts': "import 'node:fs';\n",
  });
  assert.deepEqual(await rulesBroken(copy), ['package-has-a-floor']);
});

test('nothing looked at is a failure, and not a success', async (context) => {
  const copy = emptyWorkspace(context, {
    'packages/errors/package.json': manifest('errors'),
    'packages/errors/src/README.md': '',
    'packages/errors/tsup.config.ts': '',
  });
  await assert.rejects(layers.run({ root: copy.root }), /no module was looked at/);
});

test('a violation planted in a copy of this repository is found', async (context) => {
  const copy = temporaryCopy(context, (path) => !path.startsWith('.github'));
  copy.write('packages/errors/src/planted.ts', "import '../../multiprocessing/src/index.ts';\n");
  assert.ok((await rulesBroken(copy)).includes('floor-0-errors'));
});
