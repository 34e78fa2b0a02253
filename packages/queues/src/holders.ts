import { HolderLock } from '@mp/native';
import { HOLDER_WORDS, HOLDERS, HOLDERS_OFFSET, MOST_HOLDERS } from './memory/layout.ts';
import type { QueueSpace } from './memory/space.ts';

/** Word of a line: the object is not closed. */
const OPEN = 2;

/** How many objects of which queue live in this thread. */
const inThisThread = new Map<number, number>();

/**
 * Who has a queue. Each object is counted, from the moment when it leaves in a message, and writes down whose it is when
 * it arrives. Those of the dead are struck off by who wants to know.
 */
export class Holders {
  readonly #id: number;
  readonly #words: Int32Array;
  readonly #lines: Int32Array;
  /** Our line; -1: there was none left. */
  #line = -1;

  constructor(space: QueueSpace) {
    this.#id = space.id;
    this.#words = space.words;
    this.#lines = new Int32Array(space.header, HOLDERS_OFFSET, MOST_HOLDERS * HOLDER_WORDS);
    inThisThread.set(this.#id, this.#here + 1);
    this.signIn();
  }

  /** One more: the first object, or a copy that is about to travel. */
  add(): void {
    Atomics.add(this.#words, HOLDERS, 1);
  }

  takeBack(): void {
    Atomics.sub(this.#words, HOLDERS, 1);
  }

  /** Whose this object is. In a child that was forked it is somebody else's. If there is no line left we pass for alive. */
  signIn(): void {
    this.#line = -1;
    for (let line = 0; line < this.#lines.length; line += HOLDER_WORDS) {
      if (Atomics.load(this.#lines, line) !== 0) continue;
      if (!new HolderLock(this.#lines, line).tryAcquire()) continue;
      Atomics.store(this.#lines, line + OPEN, 1);
      this.#line = line;
      return;
    }
  }

  /** Whether nobody but this thread has the queue. */
  get onlyThisThread(): boolean {
    if (Atomics.load(this.#words, HOLDERS) > this.#here) this.#strikeOffTheDead();
    return Atomics.load(this.#words, HOLDERS) === this.#here;
  }

  leave(): void {
    if (this.#line >= 0) {
      Atomics.store(this.#lines, this.#line + OPEN, 0);
      new HolderLock(this.#lines, this.#line).release();
    }
    this.takeBack();
    if (this.#here > 1) inThisThread.set(this.#id, this.#here - 1);
    else inThisThread.delete(this.#id);
  }

  get #here(): number {
    return inThisThread.get(this.#id) ?? 0;
  }

  #strikeOffTheDead(): void {
    for (let line = 0; line < this.#lines.length; line += HOLDER_WORDS) {
      if (Atomics.load(this.#lines, line) === 0) continue;
      const lock = new HolderLock(this.#lines, line);
      if (!lock.tryAcquire()) continue;
      // Otherwise it has closed its object by itself.
      const died = Atomics.exchange(this.#lines, line + OPEN, 0) === 1;
      lock.release();
      // Last: who is killed before leaves one too many, who passes for alive.
      if (died) this.takeBack();
    }
  }
}
