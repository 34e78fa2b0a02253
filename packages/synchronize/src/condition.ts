import { inspect } from 'node:util';
import { AbortError } from '@mp/errors';
import { Deadline, type WaitOptions } from '@mp/native';
import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { CONDITION_BYTES, ConditionSlots, TurnAttempt } from './condition-slots.ts';
import { NotOwnerError } from './errors.ts';
import type { Guard } from './lock/guard.ts';
import { Lock } from './lock/lock.ts';
import { settled } from './lock/lockable.ts';
import type { OwnerOption } from './lock/owner.ts';
import { RLock } from './lock/rlock.ts';
import { checkOptions, type SynchronizeOptions, type SyncWaitOptions } from './options.ts';
import { Placement } from './placement.ts';
import { LATE } from './waiting/attempt.ts';
import { Line } from './waiting/line.ts';
import { attemptSync } from './waiting/sync.ts';

/**
 * A lock, and a place to wait until somebody says that what it guards has changed.
 *
 * `notify()` never waits for those whom it wakes: a killed waiter is in nobody's way, and is not counted among those
 * who were notified, unless it was killed in the very moment of waking up. `wait()` always has the lock when it
 * returns or throws, also with an AbortError. A waiter that gives up passes a notification on that came too late for it.
 *
 * Whether the caller has the lock is decided as {@link RLock} does; with a {@link Lock}, by the thread. The promises of
 * one thread are notified in turn; there is no order among processes. 126 processes may wait at once, with 32767
 * waits each.
 *
 * It can be sent in any message, with its lock, and is inherited by a fork; nothing has to be closed.
 *
 * Python: `multiprocessing.Condition`. There `notify()` waits until the waiters have woken up.
 *
 * @example
 * ```ts
 * const changed = new Condition();
 * // consumer
 * await changed.withLock(async () => {
 *   await changed.waitFor(() => items[0] > 0);
 *   items[0] -= 1;
 * });
 * // producer, in another process
 * await changed.withLock(() => {
 *   items[0] += 1;
 *   changed.notify();
 * });
 * ```
 */
export class Condition {
  readonly #lock: Lock | RLock;
  readonly #block: Block;
  readonly #slots: ConditionSlots;
  readonly #line = new Line();

  /** @param lock - Default: an RLock of its own. */
  constructor(lock: Lock | RLock = new RLock(), _options: SynchronizeOptions = {}) {
    if (!(lock instanceof Lock || lock instanceof RLock)) {
      throw new TypeError(`new Condition(lock): the lock must be a Lock or an RLock, not ${inspect(lock)}`);
    }
    this.#lock = lock;
    this.#block = placement.place(this, CONDITION_BYTES);
    this.#slots = new ConditionSlots(this.#block.int32());
  }

  /** As of the lock. */
  acquire(options?: WaitOptions & OwnerOption): Promise<boolean> {
    return this.#lock.acquire(options);
  }

  /** As of the lock. */
  acquireSync(options?: SyncWaitOptions & OwnerOption): boolean {
    return this.#lock.acquireSync(options);
  }

  /** As of the lock. */
  release(options?: OwnerOption): void {
    (this.#lock as RLock).release(options);
  }

  /** As of the lock. */
  withLock<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions & OwnerOption): Promise<Awaited<T>> {
    return this.#lock.withLock(fn, options);
  }

  /** As of the lock. */
  withLockSync<T>(fn: () => T, options?: SyncWaitOptions & OwnerOption): T {
    return this.#lock.withLockSync(fn, options);
  }

  /** As of the lock. */
  lock(options?: WaitOptions & OwnerOption): Promise<Guard> {
    return this.#lock.lock(options);
  }

  /** As of the lock. */
  lockSync(options?: SyncWaitOptions & OwnerOption): Guard {
    return this.#lock.lockSync(options);
  }

  /**
   * Gives the lock back altogether, waits until notified, and takes the lock again as it was.
   *
   * What was waited for may have changed again meanwhile: look, or use {@link waitFor}. The time-out and the signal
   * end the wait for the notification, not that for the lock.
   *
   * @returns false when it timed out
   * @throws NotOwnerError when the caller has not got the lock; AbortError; OwnerDiedError when who had the lock died.
   *   In all cases but the first the caller has the lock.
   */
  async wait(options?: WaitOptions & OwnerOption): Promise<boolean> {
    checkOptions(options);
    this.#enter('wait', options);
    const attempt = new TurnAttempt('Condition.wait: waiting for a notification', this.#slots);
    const held = this.#lock.giveUp(options);
    let failure: { error: unknown } | undefined;
    let woken = true;
    try {
      woken = (await this.#line.add(attempt, options)) !== LATE;
    } catch (error) {
      failure = { error };
    }
    try {
      await this.#lock.restore(held, options);
    } finally {
      // Also when the lock came with the news of a death: it is ours.
      if (attempt.wasTurn) this.#slots.notify(1);
    }
    if (failure !== undefined) throw failure.error;
    return woken;
  }

  /**
   * {@link wait}, blocking the thread.
   *
   * @throws also DeadlockError when there is no time-out and nobody who lives has the condition but this thread; the
   *   caller has the lock
   */
  waitSync(options?: SyncWaitOptions & OwnerOption): boolean {
    checkOptions(options);
    const deadline = Deadline.after(options?.timeout);
    this.#enter('waitSync', options);
    const attempt = new TurnAttempt('Condition.waitSync: waiting for a notification', this.#slots, () =>
      this.#line.pump(),
    );
    const held = this.#lock.giveUp(options);
    try {
      return attemptSync(attempt, deadline, this.#block) !== LATE;
    } finally {
      try {
        this.#lock.restoreSync(held, options);
      } finally {
        if (attempt.wasTurn) this.#slots.notify(1);
      }
    }
  }

  /**
   * Waits until the predicate is true, looking once at first and after each notification, with the lock held.
   *
   * @returns what the predicate returned last: falsy when it timed out
   * @throws as {@link wait}, and what the predicate throws
   */
  async waitFor<T>(predicate: () => T | PromiseLike<T>, options: WaitOptions & OwnerOption = {}): Promise<Awaited<T>> {
    checkOptions(options);
    const deadline = Deadline.after(options.timeout);
    this.#mustOwn('waitFor', options);
    let result = await predicate();
    while (!result && !deadline.expired) {
      await this.wait({ ...options, timeout: deadline.remaining() });
      result = await predicate();
    }
    return result;
  }

  /** {@link waitFor}, blocking the thread. */
  waitForSync<T>(predicate: () => T, options: SyncWaitOptions & OwnerOption = {}): T {
    checkOptions(options);
    const deadline = Deadline.after(options.timeout);
    this.#mustOwn('waitForSync', options);
    let result = settled(predicate(), 'waitForSync', 'waitFor');
    while (!result && !deadline.expired) {
      this.waitSync({ ...options, timeout: deadline.remaining() });
      result = settled(predicate(), 'waitForSync', 'waitFor');
    }
    return result;
  }

  /**
   * Wakes up to so many of those who wait; each goes on as soon as it gets the lock. Does not wait for them.
   *
   * @param count - Default: 1.
   * @returns how many were notified
   * @throws NotOwnerError when the caller has not got the lock
   */
  notify(count = 1, options?: OwnerOption): number {
    if (count !== Number.POSITIVE_INFINITY && (!Number.isInteger(count) || count < 0)) {
      throw new RangeError(`Condition.notify(count): the count must be a whole number, not ${inspect(count)}`);
    }
    this.#mustOwn('notify', options);
    return this.#slots.notify(Math.min(count, ALL));
  }

  /** {@link notify} for all who wait. */
  notifyAll(options?: OwnerOption): number {
    this.#mustOwn('notifyAll', options);
    return this.#slots.notify(ALL);
  }

  /** As in Python, lock and number of waiters: `<Condition(<RLock(None, 0)>, 0)>`. */
  toString(): string {
    return `<Condition(${this.#lock}, ${this.#slots.waiting()})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #enter(method: string, options: (WaitOptions & OwnerOption) | undefined): void {
    this.#mustOwn(method, options);
    const signal = options?.signal;
    if (signal?.aborted) {
      throw new AbortError(`Condition.${method} was aborted by its signal.`, { cause: signal.reason });
    }
    if (this.#slots.enter()) return;
    throw new RangeError(
      `Condition.${method}: too many wait already: 126 processes, or 32767 in this one. Use several conditions.`,
    );
  }

  #mustOwn(method: string, options: OwnerOption | undefined): void {
    if (this.#lock.isMine(options)) return;
    throw new NotOwnerError(
      `Condition.${method}: the caller does not have the lock. Call it inside withLock(), or between acquire() and release().`,
    );
  }

  /** @internal */
  static reduce(condition: Condition): [Block, Lock | RLock] {
    return [condition.#block, condition.#lock];
  }

  /** @internal */
  static rebuild([block, lock]: readonly [Block, Lock | RLock]): Condition {
    return placement.rebuild(block, Condition, () => new Condition(lock));
  }
}

const ALL = Number.MAX_SAFE_INTEGER;

const placement = new Placement();

register(Condition, {
  name: '@mp/synchronize/Condition',
  module: import.meta.url,
  reduce: Condition.reduce,
  rebuild: Condition.rebuild,
});
