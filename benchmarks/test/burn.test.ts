import { expect, test } from 'vitest';
import { burn, burned, calibrate } from '../src/rows/pool.map.cpu/burn.ts';

test.each([[0], [1], [2], [1000], [1_000_001]])('the result of %d steps is known without making them', (steps) => {
  for (const seed of [0, 1, 63, 4_000_000_000]) expect(burned(seed, steps)).toBe(burn([seed, steps]));
});

test('calibrating finds a number of steps that takes about so long', () => {
  const steps = calibrate(2);
  expect(Number.isInteger(steps)).toBe(true);
  expect(steps).toBeGreaterThan(0);
});
