import { identify, isThreadAlive, thisThread, UNKNOWN_START } from './thread-identity.ts';

/** How often to look before asking whether the holder lives, which takes as long as a few critical sections. */
const LOOKS = 200;

/**
 * A lock that dies with its holder: two words, which say who holds it; see thread-identity.ts. The first is 0 when nobody
 * does.
 *
 * A thread that finds the lock held looks up whether the holder lives. A dead one is replaced. That is safe where
 * everything that is half done is not published yet, as in a ring.
 *
 * It is made for critical sections of microseconds: nobody sleeps on it, who does not get it tries again.
 */
export class HolderLock {
  /** How many words it takes. */
  static readonly WORDS = 2;

  readonly #words: Int32Array;
  readonly #index: number;

  /** @param words - shared memory; the lock is at `index` and the word behind it, which are 0 at first */
  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /**
   * Takes the lock if it is free, or becomes so very soon, or if its holder is dead.
   *
   * @returns false: somebody alive holds it, which may be this thread itself
   */
  tryAcquire(): boolean {
    if (this.#exchange(0)) return true;
    for (let i = 0; i < LOOKS; i++) {
      if (Atomics.load(this.#words, this.#index) === 0 && this.#exchange(0)) return true;
    }
    const holder = Atomics.load(this.#words, this.#index);
    return holder === 0 ? this.#exchange(0) : this.#replaceDead(holder);
  }

  /** Gives it back. Only for who holds it. */
  release(): void {
    // What is left there could be taken for the next holder's, in the moment before that writes its own.
    this.#words[this.#index + 1] = UNKNOWN_START;
    Atomics.store(this.#words, this.#index, 0);
  }

  #exchange(expected: number): boolean {
    const { word, start } = thisThread.word === 0 ? identify() : thisThread;
    if (Atomics.compareExchange(this.#words, this.#index, expected, word) !== expected) return false;
    this.#words[this.#index + 1] = start;
    return true;
  }

  #replaceDead(holder: number): boolean {
    const written = Atomics.load(this.#words, this.#index + 1);
    if (isThreadAlive(holder, written)) return false;
    // As in release(). If somebody else was faster, this may be theirs: then they are known by their first word alone.
    Atomics.compareExchange(this.#words, this.#index + 1, written, UNKNOWN_START);
    return this.#exchange(holder);
  }
}
