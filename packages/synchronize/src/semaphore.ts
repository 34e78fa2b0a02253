import { inspect } from 'node:util';
import { Deadline, identify, type WaitOptions } from '@mp/native';
import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { Lockable } from './lock/lockable.ts';
import { checkOptions, type SynchronizeOptions, type SyncWaitOptions } from './options.ts';
import { Placement } from './placement.ts';
import { giveUnit, SEM_VALUE_MAX, SemaphoreAttempt, tryTakeUnit, unitsIn, VALUE } from './semaphore-word.ts';
import { LATE } from './waiting/attempt.ts';
import { Line } from './waiting/line.ts';
import { attemptSync } from './waiting/sync.ts';

/**
 * A counter between processes that never goes below zero: `acquire()` takes one and waits while there is none,
 * `release()` gives one.
 *
 * Its units belong to nobody: one process may acquire and another release, as producers and consumers do. So what a
 * killed process had acquired is *not* given back: nobody can know whether it was meant to be. Where that matters, use
 * a {@link Lock}. A killed *waiter* costs nothing, and delays the others by at most a tenth of a second.
 *
 * Uncontended it is one atomic operation each way. No order among those who wait, except among the promises of one
 * thread, which come in turn. It can be sent in any message and is inherited by a fork; nothing has to be closed.
 *
 * Python: `multiprocessing.Semaphore`.
 *
 * @example
 * ```ts
 * const connections = new Semaphore(3);
 * await connections.withLock(async () => {
 *   // at most three processes are in here
 * });
 * ```
 */
export class Semaphore extends Lockable {
  readonly #words: Int32Array;
  readonly #block: Block;
  readonly #line = new Line();

  /**
   * @param value - how many may acquire before one has to wait. Default: 1.
   * @throws RangeError unless it is a whole number from 0 to 2147483647 (Python: `OSError`)
   */
  constructor(value = 1, _options: SynchronizeOptions = {}) {
    super();
    if (!Number.isInteger(value) || value < 0 || value > SEM_VALUE_MAX) {
      throw new RangeError(
        `new ${new.target.name}(value): the value must be a whole number from 0 to ${SEM_VALUE_MAX}, not ${inspect(value)}`,
      );
    }
    identify();
    this.#block = placement.place(this, 8);
    this.#words = this.#block.int32();
    if (placement.arrived === undefined) Atomics.store(this.#words, VALUE, value);
  }

  /** The largest value that {@link release} may lead to. @internal */
  protected get bound(): number {
    return SEM_VALUE_MAX;
  }

  /**
   * Waits until there is a unit, and takes it. Never blocks the event loop.
   *
   * @returns false when it timed out
   * @throws AbortError
   */
  async acquire(options?: WaitOptions): Promise<boolean> {
    checkOptions(options);
    if (this.#line.isEmpty && options?.signal?.aborted !== true && tryTakeUnit(this.#words)) return true;
    return (await this.#line.add(this.#attempt('acquire', false), options)) !== LATE;
  }

  /**
   * {@link acquire}, blocking the thread.
   *
   * @throws DeadlockError when there is no time-out and nobody who lives has the semaphore but this thread
   */
  acquireSync(options?: SyncWaitOptions): boolean {
    if (options !== undefined) checkOptions(options);
    if (tryTakeUnit(this.#words)) return true;
    const deadline = Deadline.after(options?.timeout);
    return attemptSync(this.#attempt('acquireSync', true), deadline, this.#block) !== LATE;
  }

  /**
   * Gives a unit, and wakes one who waits.
   *
   * @throws ReleaseError when the value would exceed 2147483647; for a {@link BoundedSemaphore}, its initial value
   */
  release(): void {
    giveUnit(this.#words, this.bound, this.constructor.name);
    this.#line.givenBack();
  }

  /** How many could acquire without waiting, at this moment. */
  getValue(): number {
    return unitsIn(this.#words);
  }

  /** Whether the value is 0, at this moment. */
  locked(): boolean {
    return unitsIn(this.#words) === 0;
  }

  /** As in Python: `<Semaphore(value=3)>`. */
  override toString(): string {
    return `<Semaphore(value=${this.getValue()})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #attempt(method: string, blocking: boolean): SemaphoreAttempt {
    return new SemaphoreAttempt(`${this.constructor.name}.${method}: waiting for a unit`, this.#words, blocking);
  }

  /** @internal */
  static blockOf(semaphore: Semaphore): Block {
    return semaphore.#block;
  }

  /** @internal Makes a semaphore over memory that has arrived in a message. */
  static over<T extends Semaphore>(block: Block, Class: new (value: number) => T, value: number): T {
    return placement.rebuild(block, Class, () => new Class(value));
  }
}

const placement = new Placement();

register(Semaphore, {
  name: '@mp/synchronize/Semaphore',
  module: import.meta.url,
  reduce: Semaphore.blockOf,
  rebuild: (block) => Semaphore.over(block, Semaphore, 0),
});
