import { TimeoutError } from '@mp/errors';
import type { WaitOptions } from '@mp/native';
import { OwnerDiedError } from '../errors.ts';
import type { SyncWaitOptions } from '../options.ts';
import { Guard } from './guard.ts';

/** What a {@link Condition} gives back while it waits, and takes again. */
export interface Held {
  readonly count: number;
  readonly owner: number;
}

/** What can be acquired and released, and the safe ways of doing both. `Extra` are options of its own. */
export abstract class Lockable<Extra extends object = object> {
  /** See the class. False: it timed out. */
  abstract acquire(options?: WaitOptions & Extra): Promise<boolean>;
  /** See the class. False: it timed out. */
  abstract acquireSync(options?: SyncWaitOptions & Extra): boolean;
  /** See the class. */
  abstract release(): void;

  /**
   * Acquires, runs `fn`, and releases, however `fn` ends.
   *
   * @returns what `fn` returns
   * @throws TimeoutError, AbortError, OwnerDiedError: `fn` was not called, and nothing is held. Also what `fn` throws.
   *
   * @example
   * ```ts
   * const total = await lock.withLock(async () => (counter[0] += await measure()), { timeout: 1000 });
   * ```
   */
  async withLock<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions & Extra): Promise<Awaited<T>> {
    const guard = await this.lock(options);
    try {
      return await fn();
    } finally {
      guard.release();
    }
  }

  /**
   * {@link withLock}, blocking the thread. `fn` must not return a promise: it would still be running when the lock is
   * given back.
   *
   * @throws TypeError when it does return one; it is not waited for
   */
  withLockSync<T>(fn: () => T, options?: SyncWaitOptions & Extra): T {
    const guard = this.lockSync(options);
    try {
      return settled(fn(), 'withLockSync', 'withLock');
    } finally {
      guard.release();
    }
  }

  /**
   * Acquires, and returns what gives it back.
   *
   * @throws TimeoutError, AbortError, OwnerDiedError: nothing is held
   */
  async lock(options?: WaitOptions & Extra): Promise<Guard> {
    const release = this.releaser(options);
    try {
      if (!(await this.acquire(options))) throw this.#late('lock', options);
    } catch (error) {
      giveBack(release, error);
    }
    return new Guard(release);
  }

  /** {@link lock}, blocking the thread. */
  lockSync(options?: SyncWaitOptions & Extra): Guard {
    const release = this.releaser(options);
    try {
      if (!this.acquireSync(options)) throw this.#late('lockSync', options);
    } catch (error) {
      giveBack(release, error);
    }
    return new Guard(release);
  }

  /** @internal What gives back an acquire with these options. */
  protected releaser(_options?: Extra): () => void {
    return () => this.release();
  }

  #late(method: string, options: SyncWaitOptions | undefined): TimeoutError {
    const timeout = Math.max(0, options?.timeout ?? 0);
    const name = this.constructor.name;
    return new TimeoutError(`${name}.${method}: did not get it within ${timeout} ms. Nothing is held; try again.`, {
      timeout,
    });
  }
}

/** Nobody else could. */
function giveBack(release: () => void, error: unknown): never {
  if (error instanceof OwnerDiedError) release();
  throw error;
}

/** Refuses a promise where the `Sync` form needs the value. */
export function settled<T>(value: T, method: string, promiseForm: string): T {
  const then = (value as { then?: unknown } | null | undefined)?.then;
  if (typeof value === 'object' && typeof then === 'function') {
    // Nobody else will hear of its failure; and we say already what is wrong.
    then.call(
      value,
      () => {},
      () => {},
    );
    throw new TypeError(`${method}: the function returned a promise, which nobody waits for. Use ${promiseForm}().`);
  }
  return value;
}
