import type { WaitOptions } from '@mp/native';
import { OwnerDiedError, RLock } from '@mp/synchronize';

/** What a shared object can be locked with: an RLock, a Lock, or anything that does the same. It travels with the object. */
export interface SharedLock {
  /** False: it timed out. */
  acquire(options?: WaitOptions): Promise<boolean>;
  /** False: it timed out. */
  acquireSync(options?: { readonly timeout?: number | undefined }): boolean;
  /** Gives it back. */
  release(): void;
  /** Calls `fn` while it is held, and gives it back however that ends. */
  withLock<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<Awaited<T>>;
  /** `withLock`, blocking the thread. */
  withLockSync<T>(fn: () => T, options?: { readonly timeout?: number | undefined }): T;
}

const METHODS = ['acquire', 'acquireSync', 'release', 'withLock', 'withLockSync'] as const;

/** The lock that somebody has given, or a new one. @throws TypeError when it is none */
export function lockOf(lock: SharedLock | true | null | undefined): SharedLock {
  if (lock === undefined || lock === null || lock === true) return new RLock();
  const missing = METHODS.find((method) => typeof (lock as unknown as Record<string, unknown>)[method] !== 'function');
  if (missing === undefined) return lock;
  throw new TypeError(
    `The lock has no method '${missing}'. Give an RLock or Lock of @mp/synchronize, true for a new one, or false for none`,
  );
}

/** Before a single access. Other than with `acquireSync` itself, the lock is not held when this throws. */
export function enter(lock: SharedLock): void {
  try {
    lock.acquireSync();
  } catch (error) {
    if (error instanceof OwnerDiedError) lock.release();
    throw error;
  }
}
