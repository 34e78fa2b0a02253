import { Fifo } from '@mp/connection/internal';
import type { EngineWorker, Ticket } from './engine.ts';
import { MOST_FUNCTIONS } from './protocol.ts';
import type { Work } from './work.ts';

/** One that is worked on, and one to go on with at once. */
const FEWEST = 2;
/** Beyond this nothing is gained. */
const MOST = 4096;
/** How much work to have in line for each worker, in milliseconds: a few times what it takes to wake us up. */
const LEAST_AHEAD_MS = 0.5;
/** The same if we are away for longer at times: who hands over thousands of calls takes no answers meanwhile. */
const MOST_AHEAD_MS = 32;
/** How long it is remembered that we were. */
const REMEMBERED_MS = 2000;

/** What a worker has been given and has not answered. */
export interface Assigned {
  readonly work: Work;
  readonly ticket: Ticket;
  /** When it was handed over, or came to the front of the worker's line. */
  since: number;
  /** Nobody wants to know any more what becomes of it. */
  dropped: boolean;
}

/** What a worker has to do, and what is known of its ways. */
export class Line {
  readonly worker: EngineWorker;
  readonly assigned: Fifo<Assigned> = new Fifo();
  /** It takes no more at the moment. */
  full = false;
  /** It may be given tasks: its initializer, if there is one, has returned. */
  ready: boolean;
  /** It is on its way out, and another one in its place. */
  leaving = false;
  /** Tasks that it has answered. */
  answers = 0;
  /** How many tasks it is to get in its life. */
  mostTasks: number;
  /** How long it has worked on them, in milliseconds. */
  busy = 0;
  /** When to look again how much memory it has. */
  weighAgain = 0;
  /** How long a piece of work took lately, in milliseconds. */
  #pace = Number.NaN;
  /** How much work to have in line, in milliseconds. */
  #ahead = LEAST_AHEAD_MS;
  /** When it had run out of work last. */
  #starved = 0;
  /** The functions that the worker has. */
  readonly #known = new Set<number>();

  constructor(worker: EngineWorker, ready: boolean, mostTasks: number) {
    this.worker = worker;
    this.ready = ready;
    this.mostTasks = mostTasks;
  }

  /** Whether the worker has a function. */
  knows(functionId: number): boolean {
    return this.#known.has(functionId);
  }

  /** It was sent one, and forgets another if there are too many: the same one as we do. */
  learns(functionId: number): void {
    if (this.#known.has(functionId)) return;
    this.#known.add(functionId);
    const [first] = this.#known;
    if (this.#known.size > MOST_FUNCTIONS && first !== undefined) this.#known.delete(first);
  }

  /** It turns out that it does not have it. */
  lacks(functionId: number): void {
    this.#known.delete(functionId);
  }

  /** Whether it may be given one more. */
  get hasRoom(): boolean {
    const { length } = this.assigned;
    if (this.full || this.leaving || !this.ready) return false;
    return length < this.window && length < this.mostTasks - this.answers;
  }

  /** How many pieces to have in line: so many that the worker never waits for us, but hardly more. */
  get window(): number {
    if (Number.isNaN(this.#pace)) return FEWEST;
    return Math.max(FEWEST, Math.min(MOST, Math.ceil(this.#ahead / this.#pace)));
  }

  /** A piece of work was answered, and the next one is begun. Returns how long it took. */
  measure({ since }: Assigned): number {
    const now = performance.now();
    const took = Math.max(now - since, 0.0005);
    this.#pace = Number.isNaN(this.#pace) ? took : this.#pace + (took - this.#pace) / 8;
    const next = this.assigned.first;
    if (next !== undefined) next.since = now;
    this.busy += took;
    if (this.#ahead > LEAST_AHEAD_MS && now - this.#starved > REMEMBERED_MS) this.#ahead = LEAST_AHEAD_MS;
    return took;
  }

  /** It has done all that it had, and slept, while there was more to be done: it needs a longer line. */
  starved(): void {
    this.#starved = performance.now();
    this.#ahead = Math.min(this.#ahead * 2, MOST_AHEAD_MS);
  }

  /** Takes everything that it has been given. */
  drain(): Assigned[] {
    const all: Assigned[] = [];
    for (let one = this.assigned.shift(); one !== undefined; one = this.assigned.shift()) all.push(one);
    return all;
  }
}
