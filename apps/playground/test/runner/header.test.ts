import { describe, expect, test } from 'vitest';
import { parseHeader } from '../../src/runner/header.ts';

const comment = (...lines: readonly string[]): string =>
  ['/**', ...lines.map((line) => (line === '' ? ' *' : ` * ${line}`)), ' */', "import 'node:fs';", ''].join('\n');

const WHOLE: readonly string[] = [
  'Two processes take',
  'turns.',
  '',
  'From: the docs (row 7)',
  'Look at: who closes',
  '  what.',
  'Differs: Python prints None.',
  'Limit: 30 s',
  'Exits with: 3',
  'Needs: a quiet machine',
  '',
  'Prints:',
  '    one',
  '',
  '      three: indented',
  '',
  'Prints to stderr:',
  '    oh',
];

describe('a header', () => {
  test('says all about its scenario', () => {
    expect(parseHeader(comment(...WHOLE))).toEqual({
      shows: 'Two processes take turns.',
      from: 'the docs (row 7)',
      lookAt: 'who closes what.',
      differs: 'Python prints None.',
      limit: 30_000,
      exitCode: 3,
      needsQuiet: true,
      stdout: ['one', '', '  three: indented'],
      stderr: ['oh'],
    });
  });

  test('may leave out what goes without saying', () => {
    const { differs, limit, exitCode, needsQuiet, stderr } = parseHeader(
      comment('It works.', '', 'From: x', 'Look at: y', '', 'Prints:', '    z'),
    );
    expect({ differs, limit, exitCode, needsQuiet, stderr }).toEqual({
      differs: undefined,
      limit: 40_000,
      exitCode: 0,
      needsQuiet: false,
      stderr: [],
    });
  });

  test.each([
    ['no header', "import 'node:fs';\n", 'does not begin with a header'],
    ['code before it', `import 'node:fs';\n${comment(...WHOLE)}`, 'does not begin with a header'],
    ['no first paragraph', comment('', ...WHOLE.slice(3)), 'what it shows'],
    ['a field first', comment(...WHOLE.slice(3)), 'what it shows'],
    ['no document', comment(...WHOLE.filter((line) => !line.startsWith('From'))), '"From: …"'],
    ['nothing to look at', comment(...WHOLE.slice(0, 4), ...WHOLE.slice(6)), '"Look at: …"'],
    ['no output', comment(...WHOLE.slice(0, 10)), 'does not say what it prints'],
    ['an empty output', comment(...WHOLE.slice(0, 12)), 'does not say what it prints'],
    ['a field twice', comment(...WHOLE.slice(0, 10), 'Limit: 40 s', ...WHOLE.slice(10)), '"Limit" twice'],
    ['a block twice', comment(...WHOLE, 'Prints:', '    two'), '"Prints" twice'],
    ['a misspelt field', comment(...WHOLE.with(7, 'Limits: 30 s')), 'means nothing: Limits: 30 s'],
    ['a misspelt block', comment(...WHOLE.with(11, 'Prints')), 'means nothing: Prints'],
    ['an output that is not indented', comment(...WHOLE.with(12, 'one')), 'means nothing: one'],
    ['a strange limit', comment(...WHOLE.with(7, 'Limit: 30')), '"Limit: 30"'],
    ['a strange exit code', comment(...WHOLE.with(8, 'Exits with: one')), '"Exits with: one"'],
    ['a strange need', comment(...WHOLE.with(9, 'Needs: luck')), '"Needs: luck"'],
    ['a line without star', comment(...WHOLE).replace(' *     oh', '     oh'), 'without star'],
  ])('with %s is refused', (_what, source, message) => {
    expect(() => parseHeader(source)).toThrow(message);
  });
});
