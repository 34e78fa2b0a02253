import { addon } from './addon.ts';
import { atFork } from './at-fork.ts';

/**
 * A lock that dies with its holder.
 *
 *     word 0   0: free; otherwise the holder: its thread number (22 bits), 9 bits of when that thread was started
 *     word 1   32 bits of when the holder was started, written after word 0; 0: not written yet
 *
 * A thread that finds the lock held looks up whether the holder lives: its number and the time of its start, so that
 * another thread that has got the number meanwhile is not taken for it. A dead holder is replaced. That is safe where
 * everything that is half done is not published yet, as in a ring.
 *
 * It is made for critical sections of microseconds: nobody sleeps on it, who does not get it tries again.
 */

const NUMBER_BITS = 22;
const NUMBER_MASK = (1 << NUMBER_BITS) - 1;
const START_MASK = 0x1ff;
/** Nobody has written a start. */
const UNKNOWN = 0;
/** How often to look before asking whether the holder lives, which takes as long as a few critical sections. */
const LOOKS = 200;

/** Who the calling thread is, as it stands in the words of a lock. */
interface Holder {
  readonly identity: number;
  readonly start: number;
}

let ourselves: Holder | undefined;

const identityOf = (thread: number, start: number): number =>
  (thread & NUMBER_MASK) | ((start & START_MASK) << NUMBER_BITS);

function startOf(thread: number): number | undefined {
  const ticks = addon().processStartTime(thread);
  // Never 0, which says that nobody has written it.
  return ticks === undefined ? undefined : Number(BigInt.asIntN(32, ticks)) || 1;
}

// A forked child is somebody else, though it has the same locks.
atFork({
  child: () => {
    ourselves = undefined;
  },
});

function us(): Holder {
  if (ourselves === undefined) {
    const thread = addon().threadId();
    const start = startOf(thread) ?? 0;
    ourselves = { identity: identityOf(thread, start), start };
  }
  return ourselves;
}

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
    this.#words[this.#index + 1] = UNKNOWN;
    Atomics.store(this.#words, this.#index, 0);
  }

  #exchange(expected: number): boolean {
    const { identity, start } = ourselves ?? us();
    if (Atomics.compareExchange(this.#words, this.#index, expected, identity) !== expected) return false;
    this.#words[this.#index + 1] = start;
    return true;
  }

  #replaceDead(holder: number): boolean {
    const written = Atomics.load(this.#words, this.#index + 1);
    if (this.#lives(holder, written)) return false;
    // As in release(). If somebody else was faster, this may be theirs: then they are known by their first word alone.
    Atomics.compareExchange(this.#words, this.#index + 1, written, UNKNOWN);
    return this.#exchange(holder);
  }

  #lives(holder: number, written: number): boolean {
    const thread = holder & NUMBER_MASK;
    const start = startOf(thread);
    if (start === undefined || identityOf(thread, start) !== holder) return false;
    return written === UNKNOWN || identityOf(thread, written) !== holder || written === start;
  }
}
