import { describe, expect, test } from 'vitest';
import { ReadAhead } from '../src/read-ahead.ts';
import { testClock } from './clock.ts';

describe('how far an imap reads ahead', () => {
  const clock = testClock();

  /** One whose halves are taken after so many milliseconds each. */
  function after(least: number, most: number, ...halves: number[]): number {
    const ahead = new ReadAhead(least, most);
    for (const milliseconds of halves) {
      clock.now += milliseconds;
      ahead.halfTaken();
    }
    return ahead.size;
  }

  test('is the least until results are taken quicker than workers are woken', () => {
    expect(after(128, 2048)).toBe(128);
    expect(after(128, 2048, 2, 5, 2)).toBe(128);
  });

  test('doubles with each half that was taken within a millisecond, up to the most', () => {
    expect(after(128, 2048, 0.2)).toBe(256);
    expect(after(128, 2048, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5)).toBe(2048);
    expect(after(100, 300, 0.1, 0.1, 0.1)).toBe(300);
  });

  test('becomes less again when they are taken slowly, and never less than the least', () => {
    expect(after(128, 2048, 0.2, 0.2, 0.2, 100)).toBe(512);
    expect(after(128, 2048, 0.2, 100, 100, 100)).toBe(128);
  });

  test('is what the user has said, however quick it is', () => {
    expect(after(16, 16, 0.1, 0.1, 100)).toBe(16);
  });
});
