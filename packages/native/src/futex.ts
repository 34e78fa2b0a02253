/**
 * Sleeping until another process changes a word of shared memory, and waking those who sleep. As `Atomics.wait` and
 * `Atomics.notify`, which accept a SharedArrayBuffer only.
 *
 * The rule of all futexes: change the word, then wake; and who wakes up looks at the word again, for a wake-up may
 * be spurious. There is no order among those who sleep.
 *
 * @module
 */
import { addon } from './addon.ts';

/**
 * How a wait ended: somebody woke it (or nobody: it may be spurious), the word did not have the expected value,
 * or the time was over.
 */
export type FutexResult = 'woken' | 'changed' | 'timed-out';

/** In the order of the numbers that C returns. @internal */
export const FUTEX_RESULTS: readonly [FutexResult, FutexResult, FutexResult] = ['woken', 'changed', 'timed-out'];

/**
 * Sleeps while `words[index]` is `expected`, until woken. Blocks the thread; nothing but a wake, in whatever process,
 * or the time-out ends it, and in particular not the death of whoever was to wake it: choose a time-out, and look
 * whether they live.
 *
 * @param words - over memory of {@link mapMemory} or a {@link Mapping}
 * @param timeout - in milliseconds, fractions included; `Infinity` waits for ever, 0 or less only compares
 * @throws Error `EFAULT` when the memory was truncated meanwhile
 */
export function futexWaitSync(words: Int32Array, index: number, expected: number, timeout: number): FutexResult {
  return FUTEX_RESULTS[addon().futexWaitSync(words, index, expected, timeout)] as FutexResult;
}

/**
 * Wakes those who sleep on the word, in every process and in both forms.
 *
 * @param count - how many at most; `Infinity` for all
 * @returns how many were woken. One that is killed before it acts on it was woken all the same.
 */
export function futexWake(words: Int32Array, index: number, count: number): number {
  return addon().futexWake(words, index, count === Number.POSITIVE_INFINITY ? 0x7fffffff : count);
}
