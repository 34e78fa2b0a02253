import { pbkdf2 } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { checkLeaks } from '@mp/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { OthersTime, type OtherThread, otherThreads } from '../src/fork/others-time.ts';

checkLeaks();

afterEach(() => void vi.restoreAllMocks());

/** What passes for threads that are looked at every 21 ms; each look says which are at work, and how long they ran. */
function passes(looks: readonly (readonly OtherThread[])[], interval = 21): number {
  let [now, turns] = [1000, 0];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const time = new OthersTime(() => [...(looks[turns] as readonly OtherThread[])]);
  let passed = 0;
  for (turns = 1; turns < looks.length; turns++) {
    now += interval;
    passed = time.passed();
  }
  return passed;
}

const thread = (id: number, isAtWork: boolean, ran: number): OtherThread => ({ id: `${id}`, isAtWork, ran });

const often = (look: (i: number) => OtherThread[]): OtherThread[][] => Array.from({ length: 101 }, (_, i) => look(i));

test('a thread that sleeps where it must not has the time of the clock', () => {
  expect(passes(often(() => [thread(1, false, 7), thread(2, false, 30)]))).toBe(2100);
});

test('for who waits for a processor no time passes, however long that is', () => {
  expect(passes(often(() => [thread(1, true, 7), thread(2, false, 30)]))).toBe(0);
});

test('for who has one now and then, as much as it has of it', () => {
  expect(passes(often((i) => [thread(1, true, 7 + 3 * i), thread(2, false, 30)]))).toBe(300);
});

test('for who has one all the time, the time of the clock', () => {
  expect(passes(often((i) => [thread(1, true, 21 * i), thread(2, true, 21 * i)]))).toBe(2100);
});

test('where the system does not count it, the time of the clock', () => {
  expect(passes(often(() => [thread(1, true, 0), thread(2, false, 0)]))).toBe(2100);
});

test('threads that begin and end count with what they had', () => {
  expect(passes(often((i) => [thread(i, true, 5), thread(200, false, 30)]))).toBe(500);
});

test('a process that was stopped for an hour has not used up its time by that', () => {
  expect(passes([[thread(1, false, 7)], [thread(1, false, 7)]], 3_600_000)).toBe(100);
});

test('a thread of this process that computes is seen at work, and its time grows', async () => {
  expect(otherThreads().map(({ id }) => id)).not.toContain(`${process.pid}`);
  let computing = 0;
  const compute = (): void => {
    computing++;
    pbkdf2('a', 'b', 100_000, 64, 'sha512', () => {
      computing--;
    });
  };
  const before = new Map(otherThreads().map(({ id, ran }) => [id, ran]));
  const hasWorked = ({ id, isAtWork, ran }: OtherThread): boolean => isAtWork && ran > (before.get(id) ?? 0) + 5;
  do {
    if (computing === 0) compute();
    await turn();
  } while (!otherThreads().some(hasWorked));
  while (computing > 0) await turn();
});
