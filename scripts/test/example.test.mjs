import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { difference, examplesIn } from '../checks/example.mjs';
import { readme } from '../checks/readme.mjs';
import { emptyWorkspace } from './temporary-copy.mjs';

const block = (code, kind = 'ts runnable') => `\`\`\`${kind}\n${code}\n\`\`\`\n`;

test('runnable blocks are found with the lines that they promise', () => {
  const markdown = `# Title\n\n${block('console.log(1); // => 1\n// => two  ')}\ntext\n${block('x', 'ts')}${block('y')}`;
  assert.deepEqual(examplesIn(markdown), [
    { code: 'console.log(1); // => 1\n// => two  \n', line: 3, promised: ['1', 'two'] },
    { code: 'y\n', line: 12, promised: [] },
  ]);
});

test('a line that differs, is missing or was not promised is named', () => {
  assert.equal(difference(['a', 'b'], 'a\nb\n'), undefined);
  assert.equal(difference([], 'anything'), undefined);
  assert.match(difference(['a', 'b'], 'a\nc\n'), /line 2 .* promised "b", printed "c"/);
  assert.match(difference(['a', 'b'], 'a\n'), /line 2 .* promised "b", printed nothing/);
  assert.match(difference(['a'], 'a\nb\n'), /line 2 .* promised nothing, printed "b"/);
});

test('an example that breaks its promise, or fails, fails the check', async (context) => {
  const copy = emptyWorkspace(context, { 'packages/multiprocessing/package.json': '{ "type": "module" }' });
  const run = async (code) => {
    mkdirSync(join(copy.root, 'packages/multiprocessing'), { recursive: true });
    writeFileSync(join(copy.root, 'README.md'), block(code));
    return readme.run({ root: copy.root, tests: { passed: 0, failed: 0, skipped: 0 } });
  };
  assert.equal(await run('const x: number = 2;\nconsole.log(x); // => 2'), '1 examples');
  await assert.rejects(run('console.log(3); // => 2'), /README\.md:1: line 1 of the output: promised "2", printed "3"/);
  await assert.rejects(run('throw new Error("broken")'), /ended with exit code 1\n.*broken/s);
});
