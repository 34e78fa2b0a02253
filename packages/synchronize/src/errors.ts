import { brandError, ProcessError } from '@mp/errors';

/**
 * The holder of a lock ended, was killed or crashed, without giving the lock back.
 *
 * Exactly one waiter is told. When `acquire()`, `acquireSync()` or the `wait()` of a condition fails with it, **the
 * caller holds the lock**: what the lock guards may be half changed, so repair it, and then `release()`. When
 * `withLock()`, `lock()` or `lockSync()` fails with it, the lock has been given back, for nobody else could.
 *
 * Python has no counterpart: there the lock stays held for ever.
 *
 * @example
 * ```ts
 * try {
 *   await lock.acquire();
 * } catch (error) {
 *   if (!(error instanceof OwnerDiedError)) throw error;
 *   repair(); // we hold the lock
 * }
 * ```
 */
export class OwnerDiedError extends ProcessError {
  /** The thread that died holding it; of a main thread that is the pid of the process. */
  readonly pid: number;

  constructor(message: string, options: { pid: number }) {
    super(message, { code: 'ERR_MP_OWNER_DIED' });
    this.pid = options.pid;
  }
}
brandError(OwnerDiedError, 'OwnerDiedError');

/**
 * Something was asked that only the owner of the lock may do: `release()` of an {@link RLock}, `wait()` or `notify()` of
 * a {@link Condition}. Nothing was changed.
 *
 * Python: `AssertionError`.
 */
export class NotOwnerError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_NOT_OWNER' });
  }
}
brandError(NotOwnerError, 'NotOwnerError');

/**
 * A lock was released that nobody holds, or a semaphore beyond its bound. Nothing was changed.
 *
 * Python: `ValueError`, "semaphore or lock released too many times".
 */
export class ReleaseError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_RELEASE' });
  }
}
brandError(ReleaseError, 'ReleaseError');

/**
 * The barrier is broken: a party died, was late, or gave up, the action failed, or somebody called `abort()` or
 * `reset()`. Nobody passed.
 *
 * Python: `threading.BrokenBarrierError`.
 */
export class BrokenBarrierError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_BROKEN_BARRIER' });
  }
}
brandError(BrokenBarrierError, 'BrokenBarrierError');
