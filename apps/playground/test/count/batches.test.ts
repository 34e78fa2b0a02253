import { expect, test } from 'vitest';
import { batchesOf } from '../../src/count/batches.ts';

const filesOf = (...sizes: readonly number[]): { path: string; bytes: number }[] =>
  sizes.map((bytes, index) => ({ path: `file ${index}`, bytes }));

test.each([
  ['none', []],
  ['one', [10]],
  ['equal ones', Array.from({ length: 1000 }, () => 5000)],
  ['empty ones', Array.from({ length: 100 }, () => 0)],
  ['one that is larger than all others together', [1, 2, 3, 1e9, 4, 5]],
])('every file is in one batch: %s', (_what, sizes) => {
  const files = filesOf(...sizes);
  const batches = batchesOf(files, 4);
  expect(batches.flatMap(({ paths }) => paths).sort()).toEqual(files.map(({ path }) => path).sort());
  expect(batches.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(files.reduce((sum, { bytes }) => sum + bytes, 0));
  expect(batches.every(({ paths }) => paths.length > 0)).toBe(true);
});

test('there is work for all workers, and a large file makes no others wait', () => {
  const many = batchesOf(filesOf(...Array.from({ length: 1000 }, () => 5000)), 4);
  expect(many.length).toBeGreaterThanOrEqual(4 * 4);
  expect(many.length).toBeLessThanOrEqual(4 * 16);
  const [first, ...others] = batchesOf(filesOf(1, 2, 1e9, 3), 2);
  expect(first?.paths).toEqual(['file 2']);
  expect(others.length).toBeGreaterThan(0);
});
