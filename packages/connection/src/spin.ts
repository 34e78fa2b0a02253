import { availableParallelism } from 'node:os';

/**
 * How long to look again and again before going to sleep.
 *
 * Being woken by another core takes about 20 µs; a peer that answers at once answers in one. So a short spin makes a
 * round trip ten times quicker, if the answer does come at once, and burns a core if it does not. The budget learns
 * which of the two it is: it grows when a sleep turns out to have been short, and shrinks when a spin was in vain.
 */

/** Sleeps shorter than this would have been better spent spinning. */
const SHORT_SLEEP_MS = 0.1;
const LONGEST_MS = 0.05;
const SHORTEST_MS = 0.001;
/** Loads between two looks at the clock, which costs as much as six of them. */
const LOADS_PER_LOOK = 32;

const canSpin = availableParallelism() > 1;

export class Spin {
  #budget: number = canSpin ? 0.02 : 0;

  /** Spins until `words[index]` differs from `unless` or the budget is spent. True: it differs. */
  until(words: Int32Array, index: number, unless: number): boolean {
    if (this.#budget === 0) return Atomics.load(words, index) !== unless;
    const end = performance.now() + this.#budget;
    do {
      for (let i = 0; i < LOADS_PER_LOOK; i++) {
        if (Atomics.load(words, index) !== unless) return true;
      }
    } while (performance.now() < end);
    this.#budget = Math.max(SHORTEST_MS, this.#budget / 2);
    return false;
  }

  /** The same with a question that costs a system call. */
  untilTrue(ask: () => boolean): boolean {
    if (ask()) return true;
    if (this.#budget === 0) return false;
    const end = performance.now() + this.#budget;
    do {
      if (ask()) return true;
    } while (performance.now() < end);
    this.#budget = Math.max(SHORTEST_MS, this.#budget / 2);
    return false;
  }

  /** A sleep after a spin in vain took so long. */
  slept(milliseconds: number): void {
    if (canSpin && milliseconds < SHORT_SLEEP_MS) this.#budget = Math.min(LONGEST_MS, this.#budget * 4);
  }
}
