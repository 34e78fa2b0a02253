import { inspect } from 'node:util';
import { Deadline, futexWake, identify, type WaitOptions } from '@mp/native';
import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { checkOptions, type SynchronizeOptions, type SyncWaitOptions } from './options.ts';
import { Placement } from './placement.ts';
import { type Attempt, LATE, NOT_YET } from './waiting/attempt.ts';
import { Line } from './waiting/line.ts';
import { attemptSync } from './waiting/sync.ts';

/** The word: whether it is set, whether somebody sleeps, and in the other bits how often it was set. */
const WORD = 0;
const SET = 1;
const SLEEPERS = 2;
const ONE_TIME = 4;

/**
 * A flag between processes that many may wait for.
 *
 * `set()` never waits, not for those whom it wakes either, and so a killed waiter is in nobody's way; it may be called
 * at any moment, also from a signal handler. All operations are single atomic ones.
 *
 * A waiter passes if the event was set at any moment of its wait, also if somebody has cleared it since. (In Python it
 * may then return False.)
 *
 * It can be sent in any message and is inherited by a fork; nothing has to be closed.
 *
 * Python: `multiprocessing.Event`.
 *
 * @example
 * ```ts
 * const ready = new Event();
 * await new Process({ target: serve, args: [ready] }).start(); // calls ready.set()
 * if (!(await ready.wait({ timeout: 5000 }))) throw new Error('not ready after 5 s');
 * ```
 */
export class Event {
  readonly #words: Int32Array;
  readonly #block: Block;
  readonly #line = new Line();

  constructor(_options: SynchronizeOptions = {}) {
    identify();
    this.#block = placement.place(this, 4);
    this.#words = this.#block.int32();
  }

  /** Whether it is set, at this moment. */
  isSet(): boolean {
    return (Atomics.load(this.#words, WORD) & SET) !== 0;
  }

  /** Sets it, and wakes all who wait. */
  set(): void {
    for (;;) {
      const current = Atomics.load(this.#words, WORD);
      if ((current & SET) !== 0) return;
      const next = ((current & ~SLEEPERS) + ONE_TIME) | SET;
      if (Atomics.compareExchange(this.#words, WORD, current, next | 0) !== current) continue;
      if ((current & SLEEPERS) !== 0) futexWake(this.#words, WORD, Number.POSITIVE_INFINITY);
      return;
    }
  }

  /** Clears it: from now on whoever comes waits. */
  clear(): void {
    Atomics.and(this.#words, WORD, ~SET);
  }

  /**
   * Waits until it is set. Never blocks the event loop.
   *
   * @returns false when it timed out
   * @throws AbortError
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    checkOptions(options);
    return (await this.#line.add(new EventAttempt('Event.wait: waiting for the event', this.#words), options)) !== LATE;
  }

  /**
   * {@link wait}, blocking the thread.
   *
   * @throws DeadlockError when there is no time-out and nobody who lives has the event but this thread
   */
  waitSync(options?: SyncWaitOptions): boolean {
    checkOptions(options);
    const deadline = Deadline.after(options?.timeout);
    const attempt = new EventAttempt('Event.waitSync: waiting for the event', this.#words);
    return attemptSync(attempt, deadline, this.#block) !== LATE;
  }

  /** `<Event set>` or `<Event unset>`. */
  toString(): string {
    return `<Event ${this.isSet() ? 'set' : 'unset'}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal */
  static reduce(event: Event): Block {
    return event.#block;
  }

  /** @internal */
  static rebuild(block: Block): Event {
    return placement.rebuild(block, Event, () => new Event());
  }
}

class EventAttempt implements Attempt<true> {
  readonly what: string;
  readonly words: Int32Array;
  readonly index: number = WORD;
  expected = 0;
  /** How often it had been set when the wait began. */
  readonly #times: number;

  constructor(what: string, words: Int32Array) {
    this.what = what;
    this.words = words;
    this.#times = Atomics.load(words, WORD) >> 2;
  }

  try(): true | typeof NOT_YET {
    for (;;) {
      const current = Atomics.load(this.words, WORD);
      if ((current & SET) !== 0 || current >> 2 !== this.#times) return true;
      const marked = current | SLEEPERS;
      if (current !== marked && Atomics.compareExchange(this.words, WORD, current, marked) !== current) continue;
      this.expected = marked;
      return NOT_YET;
    }
  }

  abandon(): void {}
}

const placement = new Placement();

register(Event, {
  name: '@mp/synchronize/Event',
  module: import.meta.url,
  reduce: Event.reduce,
  rebuild: Event.rebuild,
});
