import type { WaitOptions } from '@mp/native';
import { ReleaseError } from '@mp/synchronize';
import { LATE, WaitingLine } from './waiting-line.ts';

/**
 * A counter in the server of a manager that never goes below zero. Who waits gets a unit in turn.
 *
 * Units belong to nobody: what a client had acquired is not given back when it ends, for nobody can know whether it was
 * meant to be. Where that matters use a lock.
 *
 * Python: `multiprocessing.managers.SyncManager.Semaphore`.
 */
export class ManagedSemaphore {
  readonly #line = new WaitingLine<true>();
  #value: number;

  /** @param value - how many may acquire before one has to wait. Default 1. */
  constructor(value = 1) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Semaphore: the value must be a whole number, 0 or more, not ${String(value)}.`);
    }
    this.#value = value;
  }

  /**
   * Waits until there is a unit, and takes it.
   *
   * @returns false when it timed out
   */
  async acquire(options?: WaitOptions): Promise<boolean> {
    if (this.#value > 0) {
      this.#value--;
      return true;
    }
    return (await this.#line.wait('Semaphore.acquire: waiting for a unit', options, () => true)) !== LATE;
  }

  /** Gives units, and wakes as many who wait. */
  release(count = 1): void {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new RangeError(`Semaphore.release: the count must be a whole number, 1 or more, not ${String(count)}.`);
    }
    this.#value += count;
    while (this.#value > 0 && this.#line.serve()) this.#value--;
  }

  /** How many could acquire without waiting, at this moment. */
  getValue(): number {
    return this.#value;
  }

  /** Whether the value is 0, at this moment. */
  locked(): boolean {
    return this.#value === 0;
  }
}

/**
 * A semaphore whose value never exceeds what it was in the beginning.
 *
 * Python: `multiprocessing.managers.SyncManager.BoundedSemaphore`.
 */
export class ManagedBoundedSemaphore extends ManagedSemaphore {
  readonly #bound: number;

  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /** @throws ReleaseError if it would exceed its initial value: nothing was changed */
  override release(count = 1): void {
    if (this.getValue() + count > this.#bound) {
      throw new ReleaseError(`BoundedSemaphore.release: released too many times; its bound is ${this.#bound}.`);
    }
    super.release(count);
  }
}
