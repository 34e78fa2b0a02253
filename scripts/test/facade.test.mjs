import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { facade, LEFT_OUT, missing } from '../checks/facade.mjs';
import { temporaryCopy } from './temporary-copy.mjs';

const FACADE = 'packages/multiprocessing/src/index.ts';
const POOL = 'packages/pool/src/index.ts';

/** The entry points of all packages, to be changed. */
function entries(context) {
  const copy = temporaryCopy(context, (path) => /^packages\/[\w-]+\/(src\/index\.ts|package\.json)$/.test(path));
  return {
    root: copy.root,
    change(path, from, to) {
      const text = readFileSync(join(copy.root, path), 'utf8');
      assert.ok(text.includes(from), `${path} has no ${from}`);
      copy.write(path, text.replace(from, to));
    },
  };
}

test('a value and a type that only the package exports are found', async (context) => {
  const { root, change } = entries(context);
  change(POOL, 'export {', "export { planted, type Planted } from './planted.ts';\nexport {");
  const { wrong } = await missing(root);
  assert.equal(wrong.length, 2);
  assert.match(wrong[0], /@mp\/pool exports planted, the façade does not/);
  assert.match(wrong[1], /@mp\/pool exports the type Planted, the façade does not/);
});

test('what is taken out of the façade is found', async (context) => {
  const { root, change } = entries(context);
  change(FACADE, '  WorkerPool,\n', '');
  await assert.rejects(facade.run({ root }), /@mp\/pool exports WorkerPool, the façade does not/);
});

test('a class of which the façade has only the type is found', async (context) => {
  const { root, change } = entries(context);
  change(FACADE, '  WorkerPool,\n', '  type WorkerPool,\n');
  await assert.rejects(facade.run({ root }), /@mp\/pool exports WorkerPool, the façade only its type/);
});

test('what is in the façade under another name, or has a reason, is in order', async (context) => {
  const { root, change } = entries(context);
  change(FACADE, '  WorkerPool,\n', '  WorkerPool as AnyPool,\n');
  change(POOL, 'export {', "export { planted } from './planted.ts';\nexport {");
  assert.deepEqual((await missing(root, { ...LEFT_OUT, '@mp/pool': { planted: 'a plant' } })).wrong, []);
});

test('a reason for what is there, or is nowhere, is found', async (context) => {
  const { root } = entries(context);
  const { wrong } = await missing(root, { ...LEFT_OUT, '@mp/pool': { Pool: 'so', nothing: 'so' } });
  assert.match(wrong.join('\n'), /Pool is in the façade.*\n.*@mp\/pool does not export nothing/);
  assert.equal(wrong.length, 2);
});

test('an entry point that hides what it exports is found', async (context) => {
  const { root, change } = entries(context);
  change(POOL, 'export {', "export * from './planted.ts';\nexport {");
  await assert.rejects(missing(root), /packages\/pool\/src\/index\.ts:\d+: an entry point is a table of contents/);
});
