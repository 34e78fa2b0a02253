import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadRow, type NamedRow, rowNames } from '../src/rows.ts';

const rows: NamedRow[] = [];
for (const name of rowNames()) rows.push(await loadRow(name));

const GOALS: Readonly<Record<string, number>> = {
  'pipe.roundtrip': 2.5,
  'pipe.roundtrip.async': 1,
  'pipe.throughput': 6,
  'pipe.large': 4,
  'queue.throughput': 8,
  'queue.fan': 8,
  'lock.uncontended': 3,
  'lock.contended': 2,
  'value.increment': 5,
  'rawarray.sum': 50,
  'process.spawn': 1,
  'process.forkserver': 2,
  'process.fork': 1.2,
  'pool.map.small': 3,
  'pool.map.cpu': 1.9,
  'pool.map.large': 3,
  'pool.apply': 7,
  'pool.applyAsync': 8,
  'pool.imap': 8,
  'manager.call': 3,
  'memory.process': 15,
};

test('every row has the goal that BENCHMARKS.md sets for it', () => {
  expect(rows.length).toBeGreaterThan(0);
  for (const { name, goal } of rows) expect([name, goal.value]).toEqual([name, GOALS[name]]);
});

test('rows are found by their folders, and stand in the order of what is built on what', () => {
  const names = rows.map(({ name }) => name);
  expect(names[0]).toMatch(/^pipe\./);
  expect(names.at(-1)).toMatch(/^memory\./);
  expect(names.indexOf('process.spawn')).toBeLessThan(names.indexOf('pool.apply'));
});

test('a start is also held against a bare node', () => {
  const { limits } = rows.find(({ name }) => name === 'process.spawn')!;
  expect(limits).toContainEqual(expect.objectContaining({ name: 'bare node -e 0', atMost: 1.25 }));
});

test('a quick look does the same work, only less of it', () => {
  for (const { sizes } of rows) {
    expect(Object.keys(sizes.quick)).toEqual(Object.keys(sizes.full));
    for (const [name, value] of Object.entries(sizes.quick)) expect(value).toBeLessThanOrEqual(sizes.full[name]!);
  }
});

test('the source of every limit is there', () => {
  for (const { folder, limits = [] } of rows) {
    for (const { source } of limits) expect([source, existsSync(new URL(source, folder))]).toEqual([source, true]);
  }
});
