/**
 * Who a thread is, as it stands in shared memory: two words, by which whoever finds them later can tell whether that
 * thread still lives. Everything here that can be held is held in this way: locks, slots, ends.
 *
 *     word    its number (22 bits), and 9 bits of when it was started; never 0, and bit 31 is free
 *     start   32 bits of when it was started; 0: not written yet, or there is no room for it
 *
 * A number alone would not do, for the system gives it to another thread later. The main thread of a process and its
 * workers are different ones; a forked child is another one than its parent.
 *
 * @module
 */
import { addon } from './addon.ts';
import { atFork } from './at-fork.ts';

const NUMBER_BITS = 22;
const NUMBER_MASK = (1 << NUMBER_BITS) - 1;
const START_MASK = 0x1ff;

/** What of a word in memory is the identity: its bit 31 may say something else. */
export const IDENTITY_MASK = 0x7fff_ffff;

/** In place of a start: nobody has written one. */
export const UNKNOWN_START = 0;

/** See {@link thisThread}. */
export interface ThreadIdentity {
  /** What stands for it in shared memory; the number of the thread is in it. */
  readonly word: number;
  /** When it was started: a number that was used again fools nobody. */
  readonly start: number;
}

const ourselves = { word: 0, start: UNKNOWN_START };

/** The calling thread. Zeros until {@link identify} was called; right in the child of a fork, too. */
export const thisThread: ThreadIdentity = ourselves;

const wordOf = (thread: number, start: number): number =>
  (thread & NUMBER_MASK) | ((start & START_MASK) << NUMBER_BITS);

/** The number of the thread that a word stands for. */
export const threadOf = (word: number): number => word & NUMBER_MASK;

/** @returns never 0; undefined: there is no such thread */
function startOf(thread: number): number | undefined {
  const ticks = addon().processStartTime(thread);
  return ticks === undefined ? undefined : Number(BigInt.asIntN(32, ticks)) || 1;
}

function lookUp(): void {
  const thread = addon().threadId();
  try {
    ourselves.start = startOf(thread) ?? UNKNOWN_START;
  } catch {
    // Without /proc nobody can look us up, either.
    ourselves.start = UNKNOWN_START;
  }
  ourselves.word = wordOf(thread, ourselves.start);
}

/** Finds out who the calling thread is, once. */
export function identify(): ThreadIdentity {
  if (ourselves.word === 0) lookUp();
  return ourselves;
}

/**
 * Whether the thread that wrote these two words is still living. Takes about 20 µs.
 *
 * No thread has the number 0. In doubt it lives: when `/proc` shows only one's own processes, or when it has written its
 * word and not yet its start, so that what stands there is that of an earlier one, which does not fit.
 *
 * @param start - default: it was never written. Then one in 512 of the threads that have got the number of a dead one
 *   passes for it.
 */
export function isThreadAlive(word: number, start: number = UNKNOWN_START): boolean {
  const thread = threadOf(word);
  if (thread === 0) return false;
  let current: number | undefined;
  try {
    current = startOf(thread);
  } catch {
    return true;
  }
  if (current === undefined) return false;
  // It did not know its start itself.
  if (word === wordOf(thread, UNKNOWN_START) && start === UNKNOWN_START) return true;
  if (wordOf(thread, current) !== word) return false;
  return start === UNKNOWN_START || wordOf(thread, start) !== word || start === current;
}

atFork({
  child: () => {
    if (ourselves.word !== 0) lookUp();
  },
});
