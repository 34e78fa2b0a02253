import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { lint } from '../checks/lint.mjs';
import { emptyWorkspace } from './temporary-copy.mjs';

const SOURCE = 'packages/errors/src/planted.ts';

const planted = {
  'style/noDefaultExport': { [SOURCE]: 'export default 1;\n' },
  'style/useNodejsImportProtocol': { [SOURCE]: "import fs from 'fs';\n\nexport const f = fs;\n" },
  'suspicious/noExplicitAny': { [SOURCE]: 'export const f = (x: any): number => x;\n' },
  'style/useImportType': {
    [SOURCE]: "import { Stats } from 'node:fs';\n\nexport const f = (x: Stats): number => x.size;\n",
  },
  'nursery/noFloatingPromises': {
    [SOURCE]: 'const f = async (): Promise<number> => 1;\nexport const g = (): void => {\n  f();\n};\n',
  },
  'nursery/useExhaustiveSwitchCases': {
    [SOURCE]:
      "export function f(x: 'a' | 'b'): number {\n  let y = 0;\n  switch (x) {\n    case 'a':\n      y = 1;\n      break;\n  }\n  return y;\n}\n",
  },
  'suspicious/noImportCycles': {
    [SOURCE]: "import { b } from './other.ts';\n\nexport const a = (): unknown => b;\n",
    'packages/errors/src/other.ts': "import { a } from './planted.ts';\n\nexport const b = (): unknown => a;\n",
  },
  'style/noRestrictedImports': { [SOURCE]: "import { x } from '@mp/pool/src/x.ts';\n\nexport const f = x;\n" },
  'suspicious/noConsole': { [SOURCE]: "console.log('x');\n" },
  'style/noEnum': { [SOURCE]: 'export enum E {\n  A = 0,\n}\n' },
  'style/noExcessiveLinesPerFile': { [SOURCE]: 'console.log();\n'.repeat(401) },
  'suspicious/useExpect': {
    'packages/errors/test/planted.test.ts': "import { test } from 'vitest';\n\ntest('nothing', () => {});\n",
  },
  'suspicious/noFocusedTests': {
    'packages/errors/test/planted.test.ts':
      "import { expect, test } from 'vitest';\n\ntest.only('one', () => {\n  expect(1).toBe(1);\n});\n",
  },
  format: { [SOURCE]: 'export const   a = "x"\n' },
};

function lintOf(context, files) {
  const copy = emptyWorkspace(context, files);
  // Which files are ignored is a question to git.
  execFileSync('git', ['init', '--quiet'], { cwd: copy.root });
  return lint.run({ root: copy.root });
}

test('what is in order passes', async (context) => {
  assert.match(await lintOf(context, { [SOURCE]: 'export const a = 1;\n' }), /files/);
});

for (const [rule, files] of Object.entries(planted)) {
  test(`${rule} is found`, async (context) => {
    await assert.rejects(lintOf(context, files), new RegExp(`${rule} `));
  });
}

test('the message says why a deep import is wrong', async (context) => {
  await assert.rejects(lintOf(context, planted['style/noRestrictedImports']), /second copy of its classes/);
});
