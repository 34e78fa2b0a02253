import type { WaitOptions } from '@mp/native';
import { enter, lockOf, type SharedLock } from './lock.ts';

/**
 * An object in shared memory, and the lock that guards it. Every access by it takes the lock, for that access alone;
 * for several in one, hold it: {@link withLock}, {@link withLockSync}.
 *
 * With the lock that is made by default, an RLock, accesses within `withLock` work; with a Lock they would wait for ever,
 * and are a DeadlockError. When a process was killed while it held the lock, the next access is an OwnerDiedError, for
 * what it was doing may be half done; the one after that works. `{ lock: new RLock({ ownerDied: 'acquire' }) }` says
 * that there is nothing to repair.
 */
export abstract class SynchronizedObject<R extends object> {
  readonly #raw: R;
  readonly #lock: SharedLock;

  constructor(raw: R, lock: SharedLock | true | null | undefined) {
    this.#raw = raw;
    this.#lock = lockOf(lock);
  }

  /** The object without its lock: faster, and everybody else may be writing. */
  getObj(): R {
    return this.#raw;
  }

  /** The lock; the same object each time. */
  getLock(): SharedLock {
    return this.#lock;
  }

  /** Acquires the lock; see there. */
  acquire(options?: WaitOptions): Promise<boolean> {
    return this.#lock.acquire(options);
  }

  /** Acquires the lock, blocking the thread; see there. */
  acquireSync(options?: { readonly timeout?: number | undefined }): boolean {
    return this.#lock.acquireSync(options);
  }

  /** Releases the lock; see there. */
  release(): void {
    this.#lock.release();
  }

  /**
   * Runs `fn` while this task has the lock, and releases it however `fn` ends. Python: `with value.get_lock():`.
   *
   * @example
   * ```ts
   * await value.withLock(() => { value.value += 1; });
   * ```
   */
  withLock<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<Awaited<T>> {
    return this.#lock.withLock(fn, options);
  }

  /** {@link withLock}, blocking the thread. */
  withLockSync<T>(fn: () => T, options?: { readonly timeout?: number | undefined }): T {
    return this.#lock.withLockSync(fn, options);
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    _options: unknown,
    inspect: (value: unknown) => string,
  ): string {
    return `<synchronized wrapper for ${inspect(this.#raw)}>`;
  }

  /** @internal */
  static reduce<R extends object>(object: SynchronizedObject<R>): [R, SharedLock] {
    return [object.#raw, object.#lock];
  }

  /** @internal One access. `read` must not wait. */
  static access<R extends object, T>(object: SynchronizedObject<R>, read: (raw: R) => T): T {
    enter(object.#lock);
    try {
      return read(object.#raw);
    } finally {
      object.#lock.release();
    }
  }
}
