import { futexWait, futexWaitSync, futexWake } from '@mp/native';

/**
 * How long anybody sleeps without looking, in milliseconds: who was woken may have been killed before it did anything
 * with that, and who sits at a desk may be killed at any time.
 */
export const LONGEST_SLEEP_MS = 100;

/**
 * One word of shared memory: who is about to sleep sets it, whoever has something for sleepers clears it and wakes one.
 * The woken one sets it again, for others may sleep on, and passes the wake-up on if there is something for them, too.
 *
 * A futex and not a doorbell, because it wakes exactly one out of many in all processes, and costs no descriptor.
 */
export class Bell {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** From now on ringing wakes. Look once more after this, before sleeping. */
  announceSleep(): void {
    Atomics.store(this.#words, this.#index, 1);
  }

  /** Wakes one who sleeps, or all. Costs one load if nobody does. */
  ring(count = 1): void {
    if (Atomics.load(this.#words, this.#index) === 0) return;
    if (Atomics.exchange(this.#words, this.#index, 0) === 1) futexWake(this.#words, this.#index, count);
  }

  /** Wakes all, also those who sleep on while the one that was woken has not announced them yet. */
  ringForAll(): void {
    Atomics.store(this.#words, this.#index, 0);
    futexWake(this.#words, this.#index, Number.POSITIVE_INFINITY);
  }

  sleepSync(timeout: number): void {
    futexWaitSync(this.#words, this.#index, 1, Math.min(timeout, LONGEST_SLEEP_MS));
  }

  /** Settles after a sleep in the event loop. The loop stays alive meanwhile. */
  sleep(timeout: number, signal: AbortSignal): Promise<unknown> {
    return futexWait(this.#words, this.#index, 1, { timeout: Math.min(timeout, LONGEST_SLEEP_MS), signal });
  }
}
