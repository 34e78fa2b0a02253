import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documented, undocumented } from '../checks/documented.mjs';
import { emptyWorkspace } from './temporary-copy.mjs';

const INDEX = "export { A, type B } from './a.ts';\n";

const workspace = (context, source, files = {}) =>
  emptyWorkspace(context, {
    'packages/a/src/index.ts': INDEX,
    'packages/a/src/a.ts': source,
    // Nobody has it but us.
    'packages/testing/src/index.ts': "export { nothing } from './nothing.ts';\n",
    ...files,
  }).root;

test('an export and public members without documentation are found, with the line', async (context) => {
  const root = workspace(
    context,
    'export class A {\n  f(): void {}\n}\nexport interface B {\n  readonly b: number;\n}\n',
  );
  const { silent } = await undocumented(root);
  assert.deepEqual(silent, [
    'packages/a/src/a.ts:1: A has no documentation',
    'packages/a/src/a.ts:2: A.f has no documentation',
    'packages/a/src/a.ts:4: B has no documentation',
    'packages/a/src/a.ts:5: B.b has no documentation',
  ]);
  await assert.rejects(documented.run({ root }), /A has no documentation/);
});

test('an empty comment is none', async (context) => {
  const root = workspace(
    context,
    '/** */\nexport class A {\n  /**\n   */\n  f(): void {}\n}\n/** B. */\nexport type B = 1;\n',
  );
  assert.deepEqual((await undocumented(root)).silent, [
    'packages/a/src/a.ts:2: A has no documentation',
    'packages/a/src/a.ts:5: A.f has no documentation',
  ]);
});

test('private, protected, inherited and well known members, and further signatures, need none', async (context) => {
  const root = workspace(
    context,
    `/** A. */
    export class A extends C {
      /** f. */
      f(x: number): void;
      f(x: string): void;
      f(): void {}
      #a = 1;
      private b = 2;
      protected c = 3;
      override d = 4;
      readonly E: typeof Other = Other;
      [Symbol.dispose](): void {}
      toString(): string { return ''; }
    }
    /** @internal */
    export interface B {}\n`,
  );
  assert.deepEqual(await undocumented(root), { silent: [], count: 2 });
});

test('what is handed on is looked at where it is declared', async (context) => {
  const root = workspace(context, "export { Z as A, type B } from './z.ts';\n", {
    'packages/a/src/z.ts': '/** B. */\nexport type B = 1;\nexport const Z = 1;\n',
  });
  assert.deepEqual((await undocumented(root)).silent, ['packages/a/src/z.ts:3: A has no documentation']);
});

test('nothing to look at is a failure', async (context) => {
  const { root } = emptyWorkspace(context, { 'packages/a/README.md': '' });
  await assert.rejects(documented.run({ root }), /nothing was checked/);
});
