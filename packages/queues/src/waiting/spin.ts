import { availableParallelism } from 'node:os';

/** A sleep that ended sooner than this would have been better spent looking. */
const SHORT_SLEEP_MS = 0.1;
const LONGEST_MS = 0.05;
const SHORTEST_MS = 0.001;
/** Loads between two looks at the clock, which costs as much as six of them. */
const LOADS_PER_LOOK = 32;

const canSpin = availableParallelism() > 1;

/**
 * How long a word is watched before going to sleep. The budget grows when a sleep was short and shrinks when watching
 * was in vain, as in a pipe.
 */
export class Spin {
  #budget: number = canSpin ? 0.02 : 0;

  /** Watches until the word is something else or the budget is spent. True: it is something else. */
  whileEqual(words: Int32Array, index: number, value: number): boolean {
    const end = performance.now() + this.#budget;
    do {
      for (let i = 0; i < LOADS_PER_LOOK; i++) if (Atomics.load(words, index) !== value) return true;
    } while (performance.now() < end);
    this.#budget = Math.max(SHORTEST_MS, this.#budget / 2);
    return false;
  }

  slept(milliseconds: number): void {
    if (canSpin && milliseconds < SHORT_SLEEP_MS) this.#budget = Math.min(LONGEST_MS, this.#budget * 4);
  }
}
