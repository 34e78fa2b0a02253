import { describe, expect, test } from 'vitest';
import { Line } from '../src/line.ts';
import { testClock } from './clock.ts';
import { square } from './fixtures/sums.ts';
import { UnreliableEngine } from './unreliable-engine.ts';

describe('how much work a worker has in line', () => {
  const clock = testClock();

  /** A line whose worker has answered tasks of so many milliseconds. */
  function lineAfter(...took: number[]): Line {
    clock.now = 0;
    const events = { answered: () => {}, undecodable: () => {}, lost: () => {} };
    const worker = new UnreliableEngine({}, () => 0).startWorker(events);
    const line = new Line(worker, true, Number.POSITIVE_INFINITY);
    for (const milliseconds of took) answer(line, milliseconds);
    return line;
  }

  const work = {
    mode: 0,
    functionId: 0,
    fn: square,
    payload: [],
    task: 'square()',
    first: 0,
    retries: 0,
    done: () => {},
    failed: () => {},
  } as const;

  function answer(line: Line, milliseconds: number): void {
    const since = clock.now;
    clock.now += milliseconds;
    line.measure({ work, ticket: {}, since, dropped: false });
  }

  test('is two pieces until its tasks are known to be short, and half a millisecond of work then', () => {
    expect(lineAfter().window).toBe(2);
    expect(lineAfter(10, 10).window).toBe(2);
    expect(lineAfter(0.05).window).toBe(10);
  });

  test('is more each time that it has run out of work, up to 32 milliseconds', () => {
    const line = lineAfter(0.05);
    line.starved();
    expect(line.window).toBe(20);
    for (let i = 0; i < 20; i++) line.starved();
    expect(line.window).toBe(640);
  });

  test('is never more than 4096 pieces', () => {
    const line = lineAfter(0.001);
    for (let i = 0; i < 20; i++) line.starved();
    expect(line.window).toBe(4096);
  });

  test('is half a millisecond of work again when it has not run out of it for two seconds', () => {
    const line = lineAfter(0.0625);
    line.starved();
    for (let i = 0; i < 16; i++) answer(line, 0.0625);
    expect(line.window).toBe(16);
    clock.now += 2000;
    answer(line, 0.0625);
    expect(line.window).toBe(8);
  });
});
