import { expect, test } from 'vitest';
import type { Measured, RowResult } from '../src/measure.ts';
import { shown, shownFigure } from '../src/numbers.ts';
import { table } from '../src/table.ts';
import { failureLines, goalTable, leftOutLines, machineLines, memoryTable, peerTable } from '../src/tables.ts';
import { aRow } from './a-row.ts';

const measured = (median: number, fields = {}): Measured => ({
  median,
  lowest: median / 2,
  highest: median * 2,
  rounds: 5,
  fields,
});

const result = (differences: Partial<RowResult> = {}): RowResult => ({
  row: aRow(),
  sizes: {},
  ours: measured(10),
  peers: new Map([['cpython', measured(30)]]),
  limits: new Map(),
  leftOut: [],
  failed: [],
  verdict: { ratio: 3, met: true },
  ...differences,
});

test.each([
  [0.1234, '0.12'],
  [9.994, '9.99'],
  [12.34, '12.3'],
  [123.4, '123'],
  [1234, '1234'],
  [12_345, '12.3 k'],
  [999_499, '999 k'],
  [999_500, '1.00 M'],
  [1_234_567, '1.23 M'],
  [-2.5, '-2.50'],
  [Number.NaN, '–'],
])('%d is shown as %s: the digits that matter', (value, text) => {
  expect(shown(value)).toBe(text);
});

test('a figure is shown with the spread of its rounds', () => {
  expect(shownFigure({ median: 12.34, lowest: 11, highest: 14.56, rounds: 5 })).toBe('12.3 (11.0…14.6)');
});

test('the columns of a table are as wide as what is in them', () => {
  expect(
    table(
      ['row', 'x'],
      [
        ['a', '1'],
        ['long', '1000'],
      ],
    ),
  ).toEqual(['row      x', '────  ────', 'a        1', 'long  1000']);
});

test('a row shows ours, CPython, the ratio, the goal with its limits, and whether it is met', () => {
  const limits = [{ name: 'bare node', source: 'bare.ts', atMost: 1.25 }];
  const lines = goalTable([result({ row: aRow({ limits }), limits: new Map([['bare node', measured(9)]]) })]);
  expect(lines.at(-1)!.split(/ {2,}/)).toEqual([
    'pipe.test',
    'µs',
    '10.0 (5.00…20.0)',
    '30.0 (15.0…60.0)',
    '3.00×',
    '2×, ≤ 1.25× bare node',
    'yes',
    'bare node 9.00',
  ]);
});

test('a goal that is missed stands out, and one that cannot be told is neither', () => {
  expect(goalTable([result({ verdict: { ratio: 1, met: false } })]).at(-1)).toContain('  NO');
  expect(goalTable([result({ peers: new Map(), verdict: { ratio: null, met: null } })]).at(-1)).toMatch(/– +– +2× +\?/);
});

test('a peer that we are less than 1.5 times better than stands out', () => {
  const peers = new Map([
    ['piscina', measured(14.9)],
    ['child_process', measured(15)],
  ]);
  const line = peerTable([result({ peers })]).at(-1)!;
  expect(line).toContain('14.9: 1.49× NO');
  expect(line).toMatch(/15\.0: 1\.50×(?! NO)/);
});

test('there is no table of peers where no peer took part', () => {
  expect(peerTable([result()])).toEqual([]);
});

test('memory is shown whole and beyond a bare process, and threads by the growth of theirs', () => {
  const mib = 2 ** 20;
  const fields = { pss: 20 * mib, rss: 50 * mib, barePss: 12 * mib, bareRss: 40 * mib };
  const lines = memoryTable([
    result({
      row: aRow({ name: 'memory.process' }),
      ours: measured(8, fields),
      peers: new Map([
        ['child_process', measured(16, { ...fields, pss: 28 * mib })],
        ['piscina', measured(4, { ...fields, pss: 16 * mib })],
      ]),
    }),
  ]);
  expect(lines[2]).toMatch(/^ours +8\.00 +10\.0 +20\.0 +50\.0 +–$/);
  expect(lines[3]).toMatch(/^child_process +16\.0 +10\.0 +28\.0 +50\.0 +2\.00×$/);
  expect(lines[4]).toMatch(/^piscina +4\.00 +10\.0 +– +– +0\.50× +by how much/);
});

test('who was left out is named, once for each reason', () => {
  const leftOut = [
    { name: 'piscina', reason: 'no messages' },
    { name: 'tinypool', reason: 'no messages' },
    { name: 'cpython', reason: 'not found' },
  ];
  expect(leftOutLines([result({ leftOut }), result({ row: aRow({ name: 'pipe.other' }), leftOut })])).toEqual([
    'piscina, tinypool: no messages (pipe.test, pipe.other)',
    'cpython: not found (pipe.test, pipe.other)',
  ]);
});

test('a failure names the row, the participant and the reason, each once', () => {
  const failed = [
    { name: 'ours', error: new Error('ours: sum is 44') },
    { name: 'cpython', error: new Error('it broke') },
  ];
  expect(failureLines([result({ failed })])).toEqual(['pipe.test: ours: sum is 44', 'pipe.test: cpython: it broke']);
});

test('a machine that others use is said to be no good for figures', () => {
  const machine = {
    processor: 'EPYC',
    cores: 2,
    memoryGib: 23.4,
    system: 'Linux 6',
    node: 'v24.21.0',
    python: { executable: '/usr/bin/python3', version: '3.13.0' },
    peers: ['piscina 5.3.2'],
    load: 0.1,
  };
  const lines = machineLines(machine).join('\n');
  for (const part of ['EPYC', '2 cores', 'v24.21.0', 'CPython 3.13.0', 'piscina 5.3.2']) expect(lines).toContain(part);
  expect(lines).not.toContain('load');
  expect(machineLines({ ...machine, load: 3 }).at(-1)).toContain('The load before the run was 3.00');
});
