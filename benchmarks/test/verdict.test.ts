import { expect, test } from 'vitest';
import type { Goal } from '../src/row.ts';
import { judge, timesBetter } from '../src/verdict.ts';

const times = (value: number): Goal => ({ kind: 'times', value });

test('a ratio above 1 is better for us, for speeds and for durations alike', () => {
  expect(timesBetter('higher', 300, 100)).toBe(3);
  expect(timesBetter('lower', 100, 300)).toBe(3);
  expect(timesBetter('lower', 300, 100)).toBeCloseTo(1 / 3);
});

test('there is no ratio to what is missing, or is nothing', () => {
  expect(timesBetter('higher', 1, undefined)).toBeNull();
  expect(timesBetter('higher', undefined, 1)).toBeNull();
  expect(timesBetter('lower', -0.5, 1)).toBeNull();
  expect(timesBetter('lower', 1, 0)).toBeNull();
});

test('a goal is met exactly from its value on, without rounding', () => {
  const row = { better: 'higher', goal: times(3) } as const;
  expect(judge(row, 300, 100)).toEqual({ ratio: 3, met: true });
  expect(judge(row, 299.999, 100).met).toBe(false);
});

test('without CPython a goal against it is neither met nor missed', () => {
  expect(judge({ better: 'higher', goal: times(3) }, 300, undefined)).toEqual({ ratio: null, met: null });
});

test('a goal for the figure itself does not need CPython, and the ratio is told all the same', () => {
  const row = { better: 'lower', goal: { kind: 'at most', value: 15 } } as const;
  expect(judge(row, 15, undefined)).toEqual({ ratio: null, met: true });
  expect(judge(row, 15.01, 30.02)).toEqual({ ratio: 2, met: false });
  expect(judge({ better: 'higher', goal: { kind: 'at least', value: 1.9 } }, 1.89, 1).met).toBe(false);
  expect(judge({ better: 'higher', goal: { kind: 'at least', value: 1.9 } }, 1.9, 2).met).toBe(true);
});

test('a limit is part of the goal: better than CPython is not enough', () => {
  const row = { better: 'lower', goal: times(1) } as const;
  expect(judge(row, 50, 100, [{ figure: 40, atMost: 1.25 }]).met).toBe(true);
  expect(judge(row, 51, 100, [{ figure: 40, atMost: 1.25 }]).met).toBe(false);
  expect(judge(row, 51, 100, [{ figure: 40, atMost: undefined }]).met).toBe(true);
});

test('a limit that could not be measured leaves open whether the goal is met, but not whether it is missed', () => {
  const row = { better: 'lower', goal: times(1) } as const;
  const unknown = [{ figure: undefined, atMost: 1.25 }];
  expect(judge(row, 50, 100, unknown).met).toBeNull();
  expect(judge(row, 200, 100, unknown).met).toBe(false);
});

test('without a figure of ours no goal is met', () => {
  expect(judge({ better: 'lower', goal: times(1) }, undefined, 100)).toEqual({ ratio: null, met: false });
});
