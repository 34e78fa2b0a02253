import { inspect } from 'node:util';
import { Deadline, type WaitOptions } from '@mp/native';
import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { ArrivalAttempt, RoundAttempt } from './barrier-attempts.ts';
import { type Arrival, BarrierState, barrierBytes, MOST_PARTIES } from './barrier-state.ts';
import { BrokenBarrierError } from './errors.ts';
import { settled } from './lock/lockable.ts';
import { checkOptions, type SynchronizeOptions, type SyncWaitOptions } from './options.ts';
import { Placement } from './placement.ts';
import { LATE } from './waiting/attempt.ts';
import { Line } from './waiting/line.ts';
import { attemptSync } from './waiting/sync.ts';

/** What the last party does before all pass. May return a promise, unless that party comes by `waitSync()`. */
export type BarrierAction = () => unknown;

/** What {@link Barrier} takes. */
export interface BarrierOptions extends SynchronizeOptions {
  /** Called by the last party, in its own process, before anybody passes. Has to be an export to be sent. */
  readonly action?: BarrierAction | undefined;
  /** For each `wait()` that has none of its own, in milliseconds. Default: for ever. */
  readonly timeout?: number | undefined;
}

/**
 * A place where so many parties wait for each other, again and again.
 *
 * A party that dies while it waits, or runs the action, breaks the barrier: all others get a
 * {@link BrokenBarrierError}, within a tenth of a second. So does one that is late, gives up by its signal, or whose
 * action throws. It stays broken until {@link reset}.
 *
 * It can be sent in any message and is inherited by a fork; nothing has to be closed.
 *
 * Python: `multiprocessing.Barrier`. There a killed party lets the others wait for ever, and `Barrier(0)` is accepted.
 *
 * @example
 * ```ts
 * const barrier = new Barrier(2, { timeout: 5000 });
 * await new Process({ target: worker, args: [barrier] }).start(); // it waits, too
 * const index = await barrier.wait(); // 0 or 1; the other one gets the other
 * ```
 */
export class Barrier {
  /** How many have to wait for all to pass. */
  readonly parties: number;
  readonly #action: BarrierAction | undefined;
  readonly #timeout: number | undefined;
  readonly #block: Block;
  readonly #state: BarrierState;
  readonly #arrivals = new Line();
  readonly #line = new Line();

  /** @throws RangeError unless there is at least one party; at most 10000 */
  constructor(parties: number, options: BarrierOptions = {}) {
    const { action, timeout } = options;
    if (!Number.isInteger(parties) || parties < 1 || parties > MOST_PARTIES) {
      throw new RangeError(
        `new Barrier(parties): the number of parties must be a whole number from 1 to ${MOST_PARTIES}, not ${inspect(parties)}`,
      );
    }
    if (action !== undefined && typeof action !== 'function') {
      throw new TypeError(`new Barrier(parties, { action }): the action must be a function, not ${inspect(action)}`);
    }
    checkOptions(options);
    this.parties = parties;
    this.#action = action;
    this.#timeout = timeout;
    this.#block = placement.place(this, barrierBytes(parties));
    this.#state = new BarrierState(this.#block.int32(), parties);
  }

  /**
   * Waits until all parties wait. Never blocks the event loop.
   *
   * @param options - `timeout` instead of that of the barrier
   * @returns which one this is: each party gets another number from 0 to `parties - 1`, in order of arrival
   * @throws BrokenBarrierError: it is broken, or this was late, which breaks it. AbortError, which breaks it. What the
   *   action throws, in the party that ran it.
   */
  async wait(options?: WaitOptions): Promise<number> {
    checkOptions(options);
    const timeout = options?.timeout ?? this.#timeout;
    const signal = options?.signal;
    const deadline = Deadline.after(timeout);
    const arrival = await this.#arrivals.add(new ArrivalAttempt(this.#state), { timeout, signal });
    if (arrival === LATE) throw late(deadline);
    if (!arrival.isLast) {
      const attempt = new RoundAttempt(this.#state, arrival.slot);
      const rest = { timeout: deadline.remaining(), signal };
      if ((await this.#waitForRound(attempt, rest)) === LATE && !attempt.hasPassed) throw late(deadline);
      return arrival.index;
    }
    try {
      await this.#action?.();
    } catch (error) {
      this.#fail(arrival);
      throw error;
    }
    return this.#pass(arrival);
  }

  /**
   * {@link wait}, blocking the thread.
   *
   * @throws also TypeError when the action returned a promise, and DeadlockError when there is no time-out and nobody who
   *   lives has the barrier but this thread; both break the barrier
   */
  waitSync(options?: SyncWaitOptions): number {
    checkOptions(options);
    const deadline = Deadline.after(options?.timeout ?? this.#timeout);
    const arrival = attemptSync(new ArrivalAttempt(this.#state), deadline, this.#block);
    if (arrival === LATE) throw late(deadline);
    if (!arrival.isLast) {
      const attempt = new RoundAttempt(this.#state, arrival.slot);
      if (attemptSync(attempt, deadline, this.#block) === LATE && !attempt.hasPassed) throw late(deadline);
      return arrival.index;
    }
    try {
      settled(this.#action?.(), 'Barrier.waitSync', 'wait');
    } catch (error) {
      this.#fail(arrival);
      throw error;
    }
    return this.#pass(arrival);
  }

  /** Breaks it: who waits gets a BrokenBarrierError, and so does everybody until {@link reset}. */
  abort(): void {
    this.#state.exclusively(() => this.#state.break());
  }

  /** Makes it as new: who waits gets a BrokenBarrierError; who comes afterwards waits. */
  reset(): void {
    this.#state.exclusively(() => this.#state.reset());
  }

  /** Whether it is broken, at this moment. */
  get broken(): boolean {
    return this.#state.isBroken;
  }

  /** How many wait, at this moment. */
  get nWaiting(): number {
    return this.#state.waiting();
  }

  /** `<Barrier(waiting=1, parties=2)>` or `<Barrier(broken, parties=2)>`. */
  toString(): string {
    return `<Barrier(${this.broken ? 'broken' : `waiting=${this.nWaiting}`}, parties=${this.parties})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  async #waitForRound(attempt: RoundAttempt, options: WaitOptions): Promise<true | typeof LATE> {
    // It counts already as waiting, so it has to give up in due form.
    if (options.signal?.aborted) attempt.abandon();
    return this.#line.add(attempt, options);
  }

  #fail({ slot }: Arrival): void {
    this.#state.exclusively(() => this.#state.giveUp(slot));
  }

  #pass({ slot, index }: Arrival): number {
    this.#state.exclusively(() => this.#state.pass());
    this.#state.verdict(slot);
    return index;
  }

  /** @internal */
  static reduce(barrier: Barrier): [Block, number, BarrierAction | undefined, number | undefined] {
    return [barrier.#block, barrier.parties, barrier.#action, barrier.#timeout];
  }

  /** @internal */
  static rebuild([block, parties, action, timeout]: ReturnType<typeof Barrier.reduce>): Barrier {
    return placement.rebuild(block, Barrier, () => new Barrier(parties, { action, timeout }));
  }
}

const placement = new Placement();

function late(deadline: Deadline): BrokenBarrierError {
  return new BrokenBarrierError(
    `Barrier.wait: the others did not come within ${Math.max(0, deadline.timeout)} ms, and the barrier is broken now. Call reset() to use it again.`,
  );
}

register(Barrier, {
  name: '@mp/synchronize/Barrier',
  module: import.meta.url,
  reduce: Barrier.reduce,
  rebuild: Barrier.rebuild,
});
