import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { Deadline } from '../src/index.ts';

checkLeaks();

test('no time-out never expires', () => {
  for (const deadline of [Deadline.never, Deadline.after(undefined), Deadline.after(Number.POSITIVE_INFINITY)]) {
    expect(deadline.expired).toBe(false);
    expect(deadline.remaining()).toBe(Number.POSITIVE_INFINITY);
    expect(deadline.timeout).toBe(Number.POSITIVE_INFINITY);
  }
});

test('0 and less has expired from the beginning', () => {
  for (const timeout of [0, -0, -1, -0.001, Number.NEGATIVE_INFINITY]) {
    const deadline = Deadline.after(timeout);
    expect(deadline.expired).toBe(true);
    expect(deadline.remaining()).toBe(0);
    expect(deadline.timeout).toBe(timeout);
  }
});

test('it expires when its time has passed, by the monotonic clock, and stays so', () => {
  const start = performance.now();
  const deadline = Deadline.after(20);
  expect(deadline.timeout).toBe(20);
  let last = deadline.remaining();
  expect(last).toBeGreaterThan(0);
  while (!deadline.expired) {
    const left = deadline.remaining();
    expect(left).toBeLessThanOrEqual(last);
    last = left;
  }
  expect(performance.now() - start).toBeGreaterThanOrEqual(20);
  expect(deadline.remaining()).toBe(0);
  expect(deadline.expired).toBe(true);
});

test.each([[Number.NaN], ['10'], [null], [{}], [10n], [true]])('%o is no time-out', (wrong) => {
  expect(() => Deadline.after(wrong as number)).toThrow(
    expect.objectContaining({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringContaining('"timeout"'),
    }),
  );
});
