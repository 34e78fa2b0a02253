/**
 * A semaphore in one word of shared memory: the value in 31 bits, and SLEEPERS when somebody sleeps until it is not 0.
 *
 *     take:   value → value - 1. Who slept sets SLEEPERS again, for there may be more; and wakes one of them if a unit
 *             is left.
 *     sleep:  0 → 0 | SLEEPERS, then a futex on that value
 *     give:   value → value + 1 without SLEEPERS. If it was there, wake one.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { futexWake } from '@mp/native';
import { ReleaseError } from './errors.ts';
import { type Attempt, NOT_YET } from './waiting/attempt.ts';

export const VALUE = 0;
/** The largest value, as on Linux. */
export const SEM_VALUE_MAX = 0x7fff_ffff;
const SLEEPERS = 0x8000_0000 | 0;
const LOOKS = availableParallelism() > 1 ? 300 : 0;

export const unitsIn = (words: Int32Array): number => Atomics.load(words, VALUE) & SEM_VALUE_MAX;

/** Takes a unit if there is one. */
export function tryTakeUnit(words: Int32Array): boolean {
  for (;;) {
    const current = Atomics.load(words, VALUE);
    if ((current & SEM_VALUE_MAX) === 0) return false;
    if (Atomics.compareExchange(words, VALUE, current, current - 1) === current) return true;
  }
}

/** @throws ReleaseError when there would be more than `bound` */
export function giveUnit(words: Int32Array, bound: number, name: string): void {
  for (;;) {
    const current = Atomics.load(words, VALUE);
    const value = current & SEM_VALUE_MAX;
    if (value >= bound) {
      throw new ReleaseError(
        `${name}.release: the semaphore was released too many times: its value is ${value}, and must not exceed ${bound}. Release once for each acquire that returned true.`,
      );
    }
    if (Atomics.compareExchange(words, VALUE, current, value + 1) !== current) continue;
    if (current < 0) futexWake(words, VALUE, 1);
    return;
  }
}

/** The wait for a unit. */
export class SemaphoreAttempt implements Attempt<true> {
  readonly what: string;
  readonly words: Int32Array;
  readonly index: number = VALUE;
  readonly expected: number = SLEEPERS;
  readonly #looks: number;
  #slept = false;

  constructor(what: string, words: Int32Array, blocking: boolean) {
    this.what = what;
    this.words = words;
    this.#looks = blocking ? LOOKS : 0;
  }

  try(): true | typeof NOT_YET {
    for (let looks = this.#looks; ; ) {
      const current = Atomics.load(this.words, VALUE);
      const value = current & SEM_VALUE_MAX;
      if (value > 0) {
        if (this.#take(current, value - 1)) return true;
      } else if (looks-- <= 0) {
        if (current === 0 && Atomics.compareExchange(this.words, VALUE, 0, SLEEPERS) !== 0) continue;
        this.#slept = true;
        return NOT_YET;
      }
    }
  }

  abandon(): void {
    if (!this.#slept) return;
    // A wake-up that was ours may have to go to another sleeper.
    const before = Atomics.or(this.words, VALUE, SLEEPERS);
    if ((before & SEM_VALUE_MAX) > 0) futexWake(this.words, VALUE, 1);
  }

  #take(current: number, left: number): boolean {
    const next = this.#slept || current < 0 ? left | SLEEPERS : left;
    if (Atomics.compareExchange(this.words, VALUE, current, next) !== current) return false;
    if (this.#slept && left > 0) futexWake(this.words, VALUE, 1);
    return true;
  }
}
