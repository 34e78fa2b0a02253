import { checkLeaks, startNode, until } from '@mp/testing';
import { expect, test } from 'vitest';
import { futexWaitSync, futexWake, mapMemory, unmapMemory } from '../src/index.ts';
import { testWords } from './descriptors.ts';

checkLeaks();

/** A process that sleeps on word 1 until it is not 0, and says how that ended. Word 0 counts those about to sleep. */
const SLEEPER = `
  import { futexWaitSync, mapMemory } from '../src/index.ts';
  const words = new Int32Array(mapMemory(3, 4096));
  Atomics.add(words, 0, 1);
  const results = [];
  while (Atomics.load(words, 1) === 0) results.push(futexWaitSync(words, 1, 0, 20_000));
  console.log('up', results.at(-1) ?? 'changed');`;

/** Wakes until somebody was woken who sleeps by now. */
function wakeOne(words: Int32Array, index: number): void {
  const end = performance.now() + 50_000;
  while (futexWake(words, index, 1) === 0) {
    if (performance.now() > end) throw new Error('Nobody ever slept');
  }
}

test('a word that has changed is not waited for', () => {
  const { words } = testWords();
  expect(futexWaitSync(words, 3, 1, Number.POSITIVE_INFINITY)).toBe('changed');
  expect(futexWaitSync(words, 3, 1, 0)).toBe('changed');
});

test('a time-out ends the wait, not before its time', () => {
  const { words } = testWords();
  const start = performance.now();
  expect(futexWaitSync(words, 0, 0, 30.5)).toBe('timed-out');
  expect(performance.now() - start).toBeGreaterThanOrEqual(30.5);
  expect(futexWaitSync(words, 0, 0, 0)).toBe('timed-out');
  expect(futexWaitSync(words, 0, 0, -1)).toBe('timed-out');
});

test('negative values and the last word of a mapping are like all others', () => {
  const { words } = testWords();
  words[1023] = -2147483648;
  expect(futexWaitSync(words, 1023, -2147483648, 1)).toBe('timed-out');
  expect(futexWaitSync(words, 1023, 2147483647, 1)).toBe('changed');
});

test('waking nobody returns 0', () => {
  const { words } = testWords();
  expect(futexWake(words, 0, 1)).toBe(0);
  expect(futexWake(words, 0, Number.POSITIVE_INFINITY)).toBe(0);
});

test('a sleeper in another process is woken, also through another mapping of the same memory', async () => {
  const { fd, words } = testWords();
  const child = startNode({ code: SLEEPER }, { descriptors: [fd] });
  const theirs = new Int32Array(mapMemory(fd, 4096));
  wakeOne(theirs, 1); // Spurious: it sleeps again.
  Atomics.store(words, 1, 1);
  futexWake(theirs, 1, 1);
  unmapMemory(theirs.buffer);
  expect((await child.ended).stdout).toMatch(/^up (woken|changed)\n$/);
});

test('as many are woken as were asked for, and the others sleep on', async () => {
  const { fd, words } = testWords();
  const code = SLEEPER.replace('futexWaitSync(words, 1, 0, 20_000)', 'futexWaitSync(words, 2, 0, 20_000)');
  const children = Array.from({ length: 3 }, () => startNode({ code }, { descriptors: [fd] }));
  let woken = 0;
  while (Atomics.load(words, 0) < 3);
  while (woken < 5) woken += futexWake(words, 2, 1); // More than there are: each sleeps again, as word 1 is 0.
  Atomics.store(words, 1, 1);
  // They look at word 1 before they sleep, so one that slept before has to be woken once more.
  const ends: number[] = [];
  const ended = children.map(async (child) => ends.push((await child.ended).code ?? -1));
  await until(() => futexWake(words, 2, Number.POSITIVE_INFINITY) === 0 && ends.length === 3, { limit: 60_000 });
  await Promise.all(ended);
  expect(ends).toEqual([0, 0, 0]);
});

test('a killed sleeper disturbs nobody', async () => {
  const { fd, words } = testWords();
  const victim = startNode({ code: SLEEPER }, { descriptors: [fd] });
  const survivor = startNode({ code: SLEEPER }, { descriptors: [fd] });
  while (Atomics.load(words, 0) < 2);
  wakeOne(words, 1); // At least one of them sleeps by now.
  victim.kill();
  expect((await victim.ended).signal).toBe('SIGKILL');
  wakeOne(words, 1); // The survivor it is.
  Atomics.store(words, 1, 1);
  futexWake(words, 1, Number.POSITIVE_INFINITY);
  expect((await survivor.ended).stdout).toMatch(/^up /);
});

test('words of unmapped memory are refused', () => {
  const { words } = testWords();
  unmapMemory(words.buffer);
  expect(() => futexWaitSync(words, 0, 0, 0)).toThrow(/"words".*empty.*unmapped/);
  expect(() => futexWake(words, 0, 1)).toThrow(/"words".*empty/);
});
