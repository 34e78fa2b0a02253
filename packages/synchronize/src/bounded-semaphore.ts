import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import type { SynchronizeOptions } from './options.ts';
import { Semaphore } from './semaphore.ts';

/**
 * A {@link Semaphore} whose value cannot exceed the one that it began with: releasing more often than acquiring is an
 * error, and not a semaphore that lets too many in.
 *
 * Python: `multiprocessing.BoundedSemaphore`.
 *
 * @example
 * ```ts
 * const slots = new BoundedSemaphore(2);
 * slots.release(); // throws ReleaseError: nobody has acquired
 * ```
 */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  /** @param value - as for {@link Semaphore}, and the most it may ever be. Default: 1. */
  constructor(value = 1, options: SynchronizeOptions = {}) {
    super(value, options);
    this.#bound = value;
  }

  /** @internal */
  protected override get bound(): number {
    return this.#bound;
  }

  /** As in Python: `<BoundedSemaphore(value=2, maxvalue=2)>`. */
  override toString(): string {
    return `<BoundedSemaphore(value=${this.getValue()}, maxvalue=${this.#bound})>`;
  }

  /** @internal */
  static reduce(semaphore: BoundedSemaphore): [Block, number] {
    return [Semaphore.blockOf(semaphore), semaphore.#bound];
  }
}

register(BoundedSemaphore, {
  name: '@mp/synchronize/BoundedSemaphore',
  module: import.meta.url,
  reduce: BoundedSemaphore.reduce,
  rebuild: ([block, bound]) => Semaphore.over(block, BoundedSemaphore, bound),
});
