import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declarations } from '../checks/declarations.mjs';
import { temporaryCopy } from './temporary-copy.mjs';

const SOURCE = 'packages/errors/src/planted.ts';

function check(context, code) {
  const copy = temporaryCopy(context, (path) => path.startsWith('tsconfig'));
  copy.write(SOURCE, code);
  return declarations.run({ root: copy.root });
}

test('an exported function without a written type is found', async (context) => {
  await assert.rejects(check(context, 'export const f = (x: number) => x + 1;\n'), /planted\.ts.*TS90\d\d/);
});

test('written types, and methods under symbols, are in order', async (context) => {
  const code = `
    export const key: unique symbol = Symbol('key');
    export class A { [key](): number { return 1; } }
    export const f = (x: number): number => x + 1;
    const g = (x: number) => x;
    export const h = (x: number): number => g(x);\n`;
  assert.equal(await check(context, code), '');
});

test('nothing to look at is a failure', async (context) => {
  const copy = temporaryCopy(context, (path) => path.startsWith('tsconfig'));
  await assert.rejects(declarations.run({ root: copy.root }), /TS18003/);
});
