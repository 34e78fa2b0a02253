/**
 * A lock in two words of shared memory: the thread that holds it, and when that was started (`ThreadIdentity` of @mp/native).
 *
 *     word HOLDER   0: free;  identity: held;  identity | SLEEPERS: held, and somebody sleeps until it is free
 *     word START    of the holder
 *
 *     take:    0 → identity                 one compare-and-exchange, if nobody else has it
 *     sleep:   identity → identity | SLEEPERS, then a futex on that value
 *     free:    … → 0, and if there was SLEEPERS, wake one. Who slept takes it with SLEEPERS: there may be more.
 *     dead:    identity of the dead → own identity. Whoever manages that is told.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { futexWake, IDENTITY_MASK, isThreadAlive, thisThread, threadOf, UNKNOWN_START } from '@mp/native';
import { OwnerDiedError } from '../errors.ts';
import { type Attempt, NOT_YET } from '../waiting/attempt.ts';

export const HOLDER = 0;
export const START = 1;
const SLEEPERS = 0x8000_0000 | 0;

/** Being woken by another core takes 20 µs or more; most locks are held for less. */
const LOOKS = availableParallelism() > 1 ? 300 : 0;

/** What a lock does when its holder died: `'error'` tells the next one who gets it, `'acquire'` just gives it. */
export type OwnerDied = 'error' | 'acquire';

/** Takes the lock if it is free. */
export function tryTake(words: Int32Array): boolean {
  if (Atomics.compareExchange(words, HOLDER, 0, thisThread.word) !== 0) return false;
  words[START] = thisThread.start;
  return true;
}

/**
 * Makes it free, whoever holds it, and wakes one who sleeps.
 *
 * @returns what HOLDER was; 0: it was free already, below 0: somebody slept
 */
export function free(words: Int32Array): number {
  // What is left there could be taken for the next holder's, in the moment before that writes its own.
  words[START] = UNKNOWN_START;
  const before = Atomics.exchange(words, HOLDER, 0);
  if (before < 0) futexWake(words, HOLDER, 1);
  return before;
}

/** The identity of the holder; 0: it is free. */
export const holderOf = (words: Int32Array): number => Atomics.load(words, HOLDER) & IDENTITY_MASK;

/** What a recursive lock adds. */
export interface Recursion {
  /** Acquires it once more, if the caller owns it already. */
  again(): boolean;
  /** It is the caller's now, before anybody is told anything. */
  taken(): void;
}

/** The wait for a lock. */
export class LockAttempt implements Attempt<true> {
  readonly what: string;
  readonly words: Int32Array;
  readonly index: number = HOLDER;
  expected = 0;
  readonly #ownerDied: OwnerDied;
  readonly #looks: number;
  readonly #recursion: Recursion | undefined;
  #slept = false;

  /** @param blocking - may look again and again for some microseconds */
  constructor(what: string, words: Int32Array, ownerDied: OwnerDied, blocking: boolean, recursion?: Recursion) {
    this.what = what;
    this.words = words;
    this.#ownerDied = ownerDied;
    this.#looks = blocking ? LOOKS : 0;
    this.#recursion = recursion;
  }

  /** @throws OwnerDiedError: it is ours, because its holder died */
  try(patrol: boolean): true | typeof NOT_YET {
    if (this.#recursion?.again() === true) return true;
    for (let looks = this.#looks; ; looks--) {
      const current = Atomics.load(this.words, HOLDER);
      if (current === 0) {
        if (this.#exchange(0)) return true;
      } else if (looks <= 0) {
        if (patrol && this.#replaceDead(current)) return true;
        const marked = current | SLEEPERS;
        if (current !== marked && Atomics.compareExchange(this.words, HOLDER, current, marked) !== current) continue;
        this.expected = marked;
        this.#slept = true;
        return NOT_YET;
      }
    }
  }

  abandon(): void {
    if (!this.#slept) return;
    // A wake-up that was ours may have to go to another sleeper.
    for (;;) {
      const current = Atomics.load(this.words, HOLDER);
      if (current === 0) {
        futexWake(this.words, HOLDER, 1);
        return;
      }
      if (current < 0 || Atomics.compareExchange(this.words, HOLDER, current, current | SLEEPERS) === current) return;
    }
  }

  #exchange(current: number): boolean {
    const ours = this.#slept || current < 0 ? thisThread.word | SLEEPERS : thisThread.word;
    if (Atomics.compareExchange(this.words, HOLDER, current, ours) !== current) return false;
    this.words[START] = thisThread.start;
    this.#recursion?.taken();
    return true;
  }

  #replaceDead(current: number): boolean {
    const identity = current & IDENTITY_MASK;
    const written = Atomics.load(this.words, START);
    if (isThreadAlive(identity, written)) return false;
    // As in free(). If somebody else was faster, this may be theirs: then they are known by their identity alone.
    Atomics.compareExchange(this.words, START, written, UNKNOWN_START);
    if (!this.#exchange(current)) return false;
    if (this.#ownerDied === 'acquire') return true;
    const pid = threadOf(identity);
    throw new OwnerDiedError(
      `${this.what}: process or thread ${pid} ended while it held the lock. You hold it now: repair what it guards, then release it; or make the lock with { ownerDied: 'acquire' } if there is nothing to repair.`,
      { pid },
    );
  }
}
