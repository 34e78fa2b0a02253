import { expect, test } from 'vitest';
import { figureOf, median } from '../src/statistics.ts';

test('the median of an odd number of rounds is the one in the middle, whatever their order', () => {
  expect(median([5, 1, 4, 2, 3])).toBe(3);
  expect(median([100, 9, 1])).toBe(9);
});

test('the median of an even number of rounds is between the two in the middle', () => {
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test('one very slow round does not move the median', () => {
  expect(median([10, 11, 12, 13, 1_000_000])).toBe(12);
});

test('numbers are sorted as numbers, and the caller’s list stays as it is', () => {
  const rounds = [10, 9, 100];
  expect(median(rounds)).toBe(10);
  expect(rounds).toEqual([10, 9, 100]);
});

test('no rounds have no median', () => {
  expect(() => median([])).toThrow(RangeError);
});

test('a figure tells the lowest and the highest round beside the median', () => {
  expect(figureOf([3, 9, 1, 4, 5])).toEqual({ median: 4, lowest: 1, highest: 9, rounds: 5 });
});
