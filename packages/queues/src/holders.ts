import { identify, isThreadAlive, UNKNOWN_START } from '@mp/native';
import { HOLDER_WORDS, HOLDERS, HOLDERS_OFFSET, MOST_HOLDERS } from './memory/layout.ts';
import type { QueueSpace } from './memory/space.ts';

/** Words of a line: whose the object is, as in thread-identity.ts of @mp/native. 0: nobody's. */
const THREAD = 0;
const START = 1;

/** How many objects of which queue live in this thread. */
const inThisThread = new Map<number, number>();

/**
 * Who has a queue. Each object is counted, from the moment when it leaves in a message, and writes down whose it is when
 * it arrives. Those of the dead are struck off by who wants to know.
 *
 * A line begins and ends with one step. Who is killed beside it leaves one too many in the count, who passes for alive;
 * never one too few.
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
    const lines = this.#lines;
    const { word, start } = identify();
    for (let line = 0; line < lines.length; line += HOLDER_WORDS) {
      if (Atomics.load(lines, line + THREAD) !== 0) continue;
      if (Atomics.compareExchange(lines, line + THREAD, 0, word) !== 0) continue;
      Atomics.store(lines, line + START, start);
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
      // What is left there could be taken for the next one's, in the moment before that writes its own.
      Atomics.store(this.#lines, this.#line + START, UNKNOWN_START);
      Atomics.store(this.#lines, this.#line + THREAD, 0);
    }
    this.takeBack();
    if (this.#here > 1) inThisThread.set(this.#id, this.#here - 1);
    else inThisThread.delete(this.#id);
  }

  get #here(): number {
    return inThisThread.get(this.#id) ?? 0;
  }

  #strikeOffTheDead(): void {
    const lines = this.#lines;
    for (let line = 0; line < lines.length; line += HOLDER_WORDS) {
      const thread = Atomics.load(lines, line + THREAD);
      const start = Atomics.load(lines, line + START);
      if (thread === 0 || isThreadAlive(thread, start)) continue;
      // As in leave(). If somebody else was faster, this may be the next one's, who is known by the first word alone then.
      Atomics.compareExchange(lines, line + START, start, UNKNOWN_START);
      if (Atomics.compareExchange(lines, line + THREAD, thread, 0) === thread) this.takeBack();
    }
  }
}
