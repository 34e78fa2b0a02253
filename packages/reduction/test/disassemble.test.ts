import { expect, test } from 'vitest';
import { disassemble, dumps, Pickler } from '../src/index.ts';
import { Point } from './fixtures/shapes.ts';
import { samples } from './samples.ts';
import { maths } from './untyped-fixtures.ts';

test('a plain message is taken apart token by token', () => {
  expect(disassemble(dumps([1, 'two', { three: 3.5, none: undefined, big: 5n, not: false }]))).toBe(
    [
      '     0: 50              PLAIN: one value',
      '     1: 93                array of 3',
      '     2: 01                  1',
      '     3: a3                  "two"',
      '     7: 84                  map of 4',
      '     8: a5                    key "three"',
      '    14: cb                    3.5',
      '    23: a4                    key "none"',
      '    28: d4                    undefined',
      '    31: a3                    key "big"',
      '    35: d3                    5n',
      '    44: a3                    key "not"',
      '    48: c2                    false',
    ].join('\n'),
  );
});

test('references and escapes are explained, and objects have the numbers by which they are referred to', () => {
  const point = new Point(1, 2);
  const lines = disassemble(dumps([maths.double, point, [point], Buffer.from('b')]));
  expect(lines).toMatch(
    /reference 0 is the export `double` of file:\/\/.*maths\.mjs \(`double`, source hash [0-9a-f]+\)/,
  );
  expect(lines).toMatch(/reference 1 is the export `Point` of file:\/\/.*shapes\.ts/);
  expect(lines).toMatch(/the value: array of 4 #0\n.*Named of reference 0/);
  expect(lines).toMatch(/Instance of reference 1 #1/);
  expect(lines).toMatch(/array of 1 #2\n.*Reference to #1/);
  expect(lines).toMatch(/View: Buffer #3/);
});

test('contents that come later are assigned to their object', () => {
  let deep: unknown = 'bottom';
  for (let i = 0; i < 150; i++) deep = { next: deep };
  const lines = disassemble(dumps(deep));
  expect(lines).toMatch(/Later #100\n/);
  expect(lines).toMatch(/contents of #100: map of 1/);
});

test('the numbers are those that the message itself uses', () => {
  for (const { make } of samples) {
    const shared = { shared: true };
    const lines = disassemble(dumps([make(), shared, new Map(), { end: shared }])).split('\n');
    const number = /#(\d+)$/.exec(lines.find((_, i) => lines[i + 1]?.includes('key "shared"') ?? false) ?? '')?.[1];
    expect(lines.at(-2)).toMatch(new RegExp(`Reference to #(${number}|…)$`));
  }
});

test('every message of a pickler is taken apart to its end', () => {
  for (const { make } of samples) {
    const text = disassemble(dumps({ sample: make() }));
    expect(text).not.toMatch(/cut off|too many|not in the format|no message/);
  }
  const { bytes, start, end } = new Pickler({ outOfBand: 1 }).pickle([new Uint8Array(4)]);
  expect(disassemble(bytes.subarray(start, end))).toContain('View: Uint8Array');
});

test('of a corrupt message the last line says where it breaks', () => {
  const bytes = dumps([new Map([['key', 'value']])]);
  for (let length = 1; length < bytes.length; length++) {
    expect(disassemble(bytes.subarray(0, length))).toMatch(/is cut off at byte \d+\.$/);
  }
  expect(disassemble(new Uint8Array(0))).toContain('no message');
  expect(disassemble(Uint8Array.of(1, 2))).toContain("begins neither with 'P' nor with 'G'");
  expect(disassemble(Uint8Array.of(0x50, 1, 2))).toContain('1 bytes too many');
  expect(disassemble(Uint8Array.from([0x50, ...new Array<number>(5000).fill(0x91), 1]))).toContain(
    'more than 1000 levels',
  );
});
