import { describe, expect, test } from 'vitest';
import { Bindings } from '../../src/runner/bindings.ts';
import { Expectation, Mismatch } from '../../src/runner/expectation.ts';

const NOTHING_KNOWN = new Bindings();

/** What is wrong; `undefined` if nothing is. */
function mismatch(expected: readonly string[], text: string, known = NOTHING_KNOWN): string | undefined {
  const found = new Expectation(expected).compare(text, known);
  return found instanceof Mismatch ? found.text : undefined;
}

describe('lines', () => {
  const expected = ['hello', '', '  bob (1+1)?', '[ 1, null ]'];
  const printed = `${expected.join('\n')}\n`;

  test('are what they are expected to be, to the letter', () => {
    expect(mismatch(expected, printed)).toBeUndefined();
  });

  test('are found to be wrong when one of them is missing, doubled, changed or in another place', () => {
    for (const index of expected.keys()) {
      const line = expected[index] as string;
      const swapped = expected.with(index, expected[(index + 1) % 4] as string).with((index + 1) % 4, line);
      const wrong = [
        expected.toSpliced(index, 1),
        expected.toSpliced(index, 0, line),
        expected.with(index, `${line} `),
        expected.with(index, ` ${line}`),
        expected.with(index, line.toUpperCase() === line ? `${line}x` : line.toUpperCase()),
        swapped,
      ];
      for (const lines of wrong) expect(mismatch(expected, `${lines.join('\n')}\n`), lines.join('|')).toMatch(/^line /);
    }
  });

  test('that are wrong are named, with what was expected', () => {
    expect(mismatch(['one', 'two'], 'one\nzwei\n')).toBe('line 2\nexpected:  two\nbut found: zwei');
    expect(mismatch(['one', 'two'], 'one\n')).toBe('line 2\nexpected:  two\nbut found: nothing more');
    expect(mismatch(['one'], 'one\ntwo\n')).toBe('line 2\nexpected:  nothing more\nbut found: two');
  });

  test('are none where none are expected', () => {
    expect(mismatch([], '')).toBeUndefined();
    expect(mismatch([], 'a word too many')).toContain('expected:  nothing more');
  });
});

describe('a placeholder', () => {
  test('stands for one value in the whole output', () => {
    const expected = ['I am <pid:me>', 'you are <pid:you>', 'and I am <pid:me>'];
    expect(mismatch(expected, 'I am 12\nyou are 34\nand I am 12\n')).toBeUndefined();
    expect(mismatch(expected, 'I am 12\nyou are 34\nand I am 34\n')).toBe(
      'line 3\nexpected:  and I am 12\nbut found: and I am 34',
    );
  });

  test('stands for one value within a line', () => {
    expect(mismatch(['<word:a> is <word:a>'], 'x is x')).toBeUndefined();
    expect(mismatch(['<word:a> is <word:a>'], 'x is y')).toContain('line 1');
  });

  test('of a process never stands for the process of another one', () => {
    expect(mismatch(['<pid:me> <pid:you>'], '12 12')).toContain('line 1');
    expect(mismatch(['<pid:me>', '<pid:you>'], '12\n12\n')).toContain('line 2');
  });

  test('stands for what is known beforehand', () => {
    const known = new Bindings({ 'pid:program': '12' });
    expect(mismatch(['<pid:program>'], '12', known)).toBeUndefined();
    expect(mismatch(['<pid:program>'], '13', known)).toContain('expected:  12');
    expect(mismatch(['<pid:child>'], '12', known)).toContain('expected:  <pid:child>');
  });

  test.each([
    ['pid', '1', '0'],
    ['pid', '4711', '-4711'],
    ['integer', '-7', '7.5'],
    ['number', '7.5', 'NaN'],
    ['hex', 'dead', 'DEAD'],
    ['word', 'file:///a', 'two words'],
    ['url', 'file:///a', '/a'],
    ['text', 'two words', ''],
  ])('of the kind %s stands for %s, and not for "%s"', (kind, right, wrong) => {
    expect(mismatch([`a <${kind}:x> z`], `a ${right} z`)).toBeUndefined();
    expect(mismatch([`a <${kind}:x> z`], `a ${wrong} z`)).toContain('line 1');
  });

  test('with limits stands for numbers within them', () => {
    for (const right of ['1', '1.5', '2']) expect(mismatch(['<number:x 1..2>'], right)).toBeUndefined();
    for (const wrong of ['0.99', '2.01', '-1']) {
      expect(mismatch(['<number:x 1..2>'], wrong)).toContain('expected:  <number:x 1..2>');
    }
    expect(mismatch(['<integer:x 5..>'], '5')).toBeUndefined();
    expect(mismatch(['<integer:x 5..>'], '4')).toContain('expected:  <integer:x 5..>');
    expect(mismatch(['<integer:x>', '<integer:x 5..>'], '4\n4')).toContain('line 2');
    expect(mismatch(['<integer:x ..5>'], '6')).toContain('expected:  <integer:x ..5>');
  });

  test.each([
    '<pit:x>',
    '<pid:>',
    '<pid: x>',
    '<pid:X>',
    '<pid:x 1..2>',
    '<number:x 2..1>',
    '<number:x ..>',
    '<number:x 1...2>',
    '<number:x 1>',
  ])('that says nothing is refused: %s', (line) => {
    expect(() => new Expectation([line])).toThrow(SyntaxError);
  });

  test('is not seen in angle brackets of another sort', () => {
    const line = "<SpawnProcess name='x' initial> a < b : c > d <class 'float'>";
    expect(mismatch([line], line)).toBeUndefined();
  });
});

describe('lines in any order', () => {
  const expected = ['begin', '~ a', '~ b', '~ b', '~ c', 'end'];

  test('may come in any order, as often as they are expected', () => {
    expect(mismatch(expected, 'begin\nb\nc\nb\na\nend')).toBeUndefined();
    expect(mismatch(expected, 'begin\na\nb\nc\nc\nend')).toBe('line 5\nexpected:  b\nbut found: c');
    expect(mismatch(expected, 'begin\na\nb\nb\nend\nc')).toBe('line 5\nexpected:  c\nbut found: end');
    expect(mismatch(expected, 'a\nbegin\nb\nb\nc\nend')).toContain('line 1');
  });

  test('are told apart by what is known of them later', () => {
    const named = ['~ <pid:a> began', '~ <pid:b> began', '<pid:b> came before <pid:a>'];
    expect(mismatch(named, '12 began\n34 began\n12 came before 34')).toBeUndefined();
    expect(mismatch(named, '12 began\n34 began\n34 came before 12')).toBeUndefined();
    expect(mismatch(named, '12 began\n34 began\n34 came before 34')).toContain('line 3');
  });

  test('in two groups do not mix', () => {
    const groups = ['~ a', '~ b', '--', '~ c', '~ d'];
    expect(mismatch(groups, 'b\na\n--\nd\nc')).toBeUndefined();
    expect(mismatch(groups, 'b\nc\n--\nd\na')).toContain('line 2');
  });

  test('that are too much alike are refused, and not tried for ever', () => {
    const alike = Array.from({ length: 30 }, (_, i) => `~ <pid:p${i}>`);
    const pids = Array.from({ length: 30 }, (_, i) => i + 1);
    expect(mismatch([...alike, 'end'], [...pids, 'another end'].join('\n'))).toContain('too much alike');
  });
});
