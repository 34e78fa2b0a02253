import { identify, isThreadAlive } from '@mp/native';
import { FOR_EVER, SLOTS, SLOTS_OFFSET } from './layout.ts';

/**
 * Of who a thread is there is room for one word only: once in 512 times a dead thread whose number was given to another
 * passes for alive, and what it held is freed when that one ends.
 */
const us = (): number => identify().word;

/** In place of a thread: there is none any more. No thread has the number 0. */
const DEAD = 1 << 22;

/** The threads that map an arena. */
export class Slots {
  readonly #words: Int32Array;

  constructor(whole: ArrayBuffer) {
    this.#words = new Int32Array(whole, SLOTS_OFFSET, SLOTS);
  }

  /** Takes a slot for this thread; {@link FOR_EVER} if there is none. */
  claim(): number {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (Atomics.compareExchange(this.#words, slot, 0, us()) === 0) return slot;
    }
    return FOR_EVER;
  }

  /** The slot was claimed by the process that this one was forked from, for this one. */
  inherit(slot: number): void {
    if (slot !== FOR_EVER) Atomics.store(this.#words, slot, us());
  }

  /** Gives a slot back; it must hold no block any more. */
  free(slot: number): void {
    if (slot !== FOR_EVER) Atomics.store(this.#words, slot, 0);
  }

  /** The process for which the slot was claimed has ended before it could {@link inherit} it. */
  buryIfOurs(slot: number): void {
    if (slot !== FOR_EVER) Atomics.compareExchange(this.#words, slot, us(), DEAD);
  }

  /** Whether there will soon be none. */
  get areScarce(): boolean {
    let taken = 0;
    for (let slot = 0; slot < SLOTS; slot++) if (Atomics.load(this.#words, slot) !== 0) taken++;
    return taken > SLOTS / 2;
  }

  /** Those whose threads have ended without giving them back. */
  dead(): number[] {
    const dead: number[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      const holder = Atomics.load(this.#words, slot);
      if (holder !== 0 && holder !== us() && !isThreadAlive(holder)) dead.push(slot);
    }
    return dead;
  }
}
