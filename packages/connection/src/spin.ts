import { availableParallelism } from 'node:os';

/**
 * How long to look again and again before going to sleep.
 *
 * Being woken by another core takes about 20 µs; a peer that answers at once answers in one. So a short spin makes a
 * round trip ten times quicker, if the answer does come at once, and burns a core if it does not. The budget learns
 * which of the two it is: it grows when a sleep turns out to have been short, and shrinks when a spin was in vain.
 *
 * On a busy machine the peer may have to wait for the very core that we spin on: then it answers as soon as we sleep,
 * and never before. A longer spin would not help, and every one makes the round trip longer by itself. So if the longest
 * spin was in vain, and the sleep after it short, there is a pause without spinning, and a longer one each time.
 */

/** Sleeps shorter than this would have been better spent spinning. */
const SHORT_SLEEP_MS = 0.1;
const LONGEST_MS = 0.05;
const SHORTEST_MS = 0.001;
const SHORTEST_PAUSE_MS = 0.05;
const LONGEST_PAUSE_MS = 8;
/** Loads between two looks at the clock, which costs as much as six of them. */
const LOADS_PER_LOOK = 32;

const canSpin = availableParallelism() > 1;

export class Spin {
  #budget: number = canSpin ? 0.02 : 0;
  /** The last spin was as long as any, and in vain. */
  #exhausted = false;
  #pause = 0;
  #pausedUntil = 0;

  /** Spins until `words[index]` differs from `unless` or the budget is spent. True: it differs. */
  until(words: Int32Array, index: number, unless: number): boolean {
    if (this.#budget === 0) return Atomics.load(words, index) !== unless;
    const end = this.#begin();
    do {
      for (let i = 0; i < LOADS_PER_LOOK; i++) {
        if (Atomics.load(words, index) !== unless) return this.#found();
      }
    } while (performance.now() < end);
    return this.#inVain(end);
  }

  /** The same with a question that costs a system call. */
  untilTrue(ask: () => boolean): boolean {
    if (ask()) return true;
    if (this.#budget === 0) return false;
    const end = this.#begin();
    while (performance.now() < end) if (ask()) return this.#found();
    return this.#inVain(end);
  }

  /** A sleep after a spin in vain took so long. */
  slept(milliseconds: number): void {
    const exhausted = this.#exhausted;
    this.#exhausted = false;
    if (!canSpin || milliseconds >= SHORT_SLEEP_MS) return;
    this.#budget = LONGEST_MS;
    if (!exhausted) return;
    this.#pause = Math.min(Math.max(this.#pause * 2, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
    this.#pausedUntil = performance.now() + this.#pause;
  }

  /** When the spin that begins now has to end. During a pause: at once. */
  #begin(): number {
    const now = performance.now();
    return now < this.#pausedUntil ? 0 : now + this.#budget;
  }

  #found(): true {
    this.#exhausted = false;
    this.#pause /= 2;
    return true;
  }

  #inVain(end: number): false {
    if (end === 0) return false;
    this.#exhausted = this.#budget === LONGEST_MS;
    this.#budget = Math.max(SHORTEST_MS, this.#budget / 2);
    return false;
  }
}
