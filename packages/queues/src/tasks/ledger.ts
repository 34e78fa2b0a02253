import { HolderLock } from '@mp/native';
import {
  DONE,
  FINISH_FROM,
  FINISH_LINE,
  FINISH_LOCK,
  FINISH_LOST,
  FINISH_OPEN,
  FIRST_NUMBER as FIRST,
  LOST,
  LOST_PID,
  MOST_WORKERS,
  PUT,
  TAKEN,
  WORKER_WORDS,
  WORKERS_OFFSET,
} from '../memory/layout.ts';
import type { QueueSpace } from '../memory/space.ts';

/** Words of a worker's line, behind the two of its HolderLock. */
const PID = 2;
/** Tasks that it took and did not mark as done. */
const OPEN = 3;
/** While it takes a task: 1, the number of the message, and what OPEN will be then. */
const TAKING = 4;
const TAKING_NUMBER = 5;
const OPEN_THEN = 6;

/** What became of tasks whose worker has ended. */
export interface Loss {
  readonly count: number;
  readonly pid: number;
}

/**
 * Who has which tasks of a joinable queue: one line for each queue object that takes any, locked by its thread. A line
 * that nobody holds and that has open tasks belonged to a worker that has ended.
 *
 * Lines are written by their holders alone, except by who settles what a dead one has left.
 */
export class Ledger {
  readonly #words: Int32Array;
  readonly #lines: Int32Array;
  readonly #isOnDesk: (number: number) => boolean;
  readonly #finishing: HolderLock;
  /** Where our line begins; -1: we have none. */
  #line = -1;
  #lock: HolderLock | undefined;
  /** Losses that this queue object has been told of. */
  #told: number;

  /** @param isOnDesk - whether a message was taken but lies on a desk, and will be handed to another worker */
  constructor(space: QueueSpace, isOnDesk: (number: number) => boolean) {
    this.#words = space.words;
    this.#lines = new Int32Array(space.header, WORKERS_OFFSET, MOST_WORKERS * WORKER_WORDS);
    this.#isOnDesk = isOnDesk;
    this.#finishing = new HolderLock(space.words, FINISH_LOCK);
    this.#told = Atomics.load(this.#words, LOST);
  }

  /** Tasks that were put and not marked as done. */
  get unfinished(): number {
    return (Atomics.load(this.#words, PUT) - this.#done) | 0;
  }

  /** The message with this number is about to be taken by us. */
  taking(number: number): void {
    if (this.#line < 0) this.#open();
    const line = this.#line;
    if (line < 0) return;
    const lines = this.#lines;
    // Who was killed while it took this very message did not take it.
    for (let other = 0; other < lines.length && lines[other + PID] !== 0; other += WORKER_WORDS) {
      if (other !== line && lines[other + TAKING_NUMBER] === number) Atomics.store(lines, other + TAKING, 0);
    }
    lines[line + OPEN_THEN] = lines[line + OPEN]! + 1;
    lines[line + TAKING_NUMBER] = number;
    Atomics.store(lines, line + TAKING, 1);
  }

  /** It has been. */
  took(): void {
    const line = this.#line;
    if (line < 0) return;
    const lines = this.#lines;
    Atomics.store(lines, line + OPEN, lines[line + OPEN_THEN]!);
    Atomics.store(lines, line + TAKING, 0);
  }

  /** One task is done: the last one, or some; or all that were ever put are done already. */
  finish(): 'too many' | 'last' | 'some' {
    const words = this.#words;
    return this.#exclusively(() => {
      const done = Atomics.load(words, DONE);
      const left = (Atomics.load(words, PUT) - FIRST - done) | 0;
      if (left <= 0) return 'too many';
      const open = this.#line < 0 ? 0 : this.#lines[this.#line + OPEN]!;
      if (open > 0) this.#record(this.#line, done + 1, Atomics.load(words, LOST), open - 1);
      else {
        Atomics.store(words, DONE, (done + 1) | 0);
        this.#strikeOffElsewhere();
      }
      return left === 1 ? 'last' : 'some';
    });
  }

  /** So many tasks were thrown away. */
  giveUp(count: number): void {
    const words = this.#words;
    this.#exclusively(() => {
      const done = Atomics.load(words, DONE);
      const left = (Atomics.load(words, PUT) - FIRST - done) | 0;
      Atomics.store(words, DONE, (done + Math.max(0, Math.min(count, left))) | 0);
    });
  }

  /** How much had been lost when this queue object was told the last time. */
  get told(): number {
    return this.#told;
  }

  /** Settles the lines of those who have ended, and says what was lost since then. */
  settle(since: number): Loss | undefined {
    const lines = this.#lines;
    for (let line = 0; line < lines.length; line += WORKER_WORDS) {
      if (lines[line + PID] === 0) break;
      if (line === this.#line || !this.#hasOpen(line)) continue;
      const lock = new HolderLock(lines, line);
      if (!lock.tryAcquire()) continue;
      this.#settleLine(line);
      lock.release();
    }
    const lost = Atomics.load(this.#words, LOST);
    const count = (lost - since) | 0;
    this.#told = lost;
    return count > 0 ? { count, pid: Atomics.load(this.#words, LOST_PID) } : undefined;
  }

  /** This process has been forked from the one that has the line. */
  forget(): void {
    this.#line = -1;
    this.#lock = undefined;
  }

  /** We take no more tasks. What we have not marked as done is lost. */
  close(): void {
    this.#lock?.release();
    this.#lock = undefined;
    this.#line = -1;
  }

  get #done(): number {
    return (Atomics.load(this.#words, DONE) + FIRST) | 0;
  }

  #hasOpen(line: number): boolean {
    return Atomics.load(this.#lines, line + OPEN) > 0 || Atomics.load(this.#lines, line + TAKING) === 1;
  }

  /** Finds a line for us. If there is none, our tasks are counted, but their loss would not be noticed. */
  #open(): void {
    const lines = this.#lines;
    for (let line = 0; line < lines.length; line += WORKER_WORDS) {
      if (Atomics.load(lines, line) !== 0 && lines[line + PID] === process.pid) continue;
      const lock = new HolderLock(lines, line);
      if (!lock.tryAcquire()) continue;
      this.#settleLine(line);
      lines[line + PID] = process.pid;
      this.#line = line;
      this.#lock = lock;
      return;
    }
  }

  /** The holder of this line, which we have locked, has ended. */
  #settleLine(line: number): void {
    const lines = this.#lines;
    const words = this.#words;
    this.#exclusively(() => {
      // In this order: who takes it after all says so first.
      const number = lines[line + TAKING_NUMBER]!;
      const taken = ((Atomics.load(words, TAKEN) - number) | 0) > 0 && !this.#isOnDesk(number);
      if (Atomics.load(lines, line + TAKING) === 1) {
        if (taken) Atomics.store(lines, line + OPEN, lines[line + OPEN_THEN]!);
        Atomics.store(lines, line + TAKING, 0);
      }
      // More cannot be lost than are in anybody's hands.
      const open = Math.min(lines[line + OPEN]!, (Atomics.load(words, TAKEN) - this.#done) | 0);
      if (open <= 0) {
        Atomics.store(lines, line + OPEN, 0);
        return;
      }
      Atomics.store(words, LOST_PID, lines[line + PID]!);
      this.#record(line, Atomics.load(words, DONE) + open, Atomics.load(words, LOST) + open, 0);
    });
  }

  /**
   * Changes DONE, LOST and what is open of a line, in such a way that whoever comes after us can tell how far we came.
   * Without it, a worker that was killed between counting a task and striking it off had it counted a second time.
   */
  #record(line: number, done: number, lost: number, open: number): void {
    const words = this.#words;
    words[FINISH_FROM] = Atomics.load(words, DONE);
    words[FINISH_LOST] = lost;
    words[FINISH_OPEN] = open;
    Atomics.store(words, FINISH_LINE, line + 1);
    Atomics.store(words, DONE, done);
    this.#complete();
  }

  #complete(): void {
    const words = this.#words;
    Atomics.store(words, LOST, words[FINISH_LOST]!);
    Atomics.store(this.#lines, words[FINISH_LINE]! - 1 + OPEN, words[FINISH_OPEN]!);
    Atomics.store(words, FINISH_LINE, 0);
  }

  /** `work` is a few steps without anybody's code, so the lock is free in a moment, or its holder is dead. */
  #exclusively<R>(work: () => R): R {
    const words = this.#words;
    while (!this.#finishing.tryAcquire());
    try {
      if (words[FINISH_LINE] !== 0) {
        // Its holder was killed in the midst of it: before it counted, or after.
        if (words[DONE] === words[FINISH_FROM]) words[FINISH_LINE] = 0;
        else this.#complete();
      }
      return work();
    } finally {
      this.#finishing.release();
    }
  }

  /** One open task less of somebody else: this process marks what another one took. */
  #strikeOffElsewhere(): void {
    const lines = this.#lines;
    for (let line = 0; line < lines.length && lines[line + PID] !== 0; line += WORKER_WORDS) {
      const open = Atomics.load(lines, line + OPEN);
      if (open > 0 && Atomics.compareExchange(lines, line + OPEN, open, open - 1) === open) return;
    }
  }
}
