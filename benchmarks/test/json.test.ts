import { expect, test } from 'vitest';
import { jsonRow } from '../src/json.ts';
import type { Measured, RowResult } from '../src/measure.ts';
import { aRow } from './a-row.ts';

const measured = (median: number): Measured => ({ median, lowest: median, highest: median, rounds: 5, fields: {} });

const result = (differences: Partial<RowResult> = {}): RowResult => ({
  row: aRow(),
  sizes: { count: 10 },
  ours: measured(10),
  peers: new Map([
    ['cpython', measured(30)],
    ['piscina', measured(12)],
  ]),
  limits: new Map([['C futex', measured(3)]]),
  leftOut: [{ name: 'child_process', reason: 'no pool' }],
  failed: [],
  verdict: { ratio: 3, met: true },
  ...differences,
});

test('a row in the file has what BENCHMARKS.md lists, and nothing else', () => {
  expect(JSON.parse(JSON.stringify(jsonRow(result())))).toStrictEqual({
    name: 'pipe.test',
    unit: 'µs',
    better: 'lower',
    ours: 10,
    peers: { cpython: 30, piscina: 12 },
    ratio: 3,
    goal: 2,
    met: true,
  });
});

test('what could not be measured is null in the file, and not missing', () => {
  const row = jsonRow(result({ ours: undefined, peers: new Map(), verdict: { ratio: null, met: false } }));
  expect(JSON.parse(JSON.stringify(row))).toMatchObject({ ours: null, peers: {}, ratio: null, met: false });
});
