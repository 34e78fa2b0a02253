import { brandError } from './brand.ts';
import { ProcessError } from './process-error.ts';

/**
 * A wait was longer than its `timeout`. What was waited for goes on as before: nothing was consumed,
 * nothing was cancelled, and the same call may be made again.
 *
 * Python: `multiprocessing.TimeoutError`; also `False` from `acquire(timeout)` and `wait(timeout)` where Python returns it.
 */
export class TimeoutError extends ProcessError {
  /** How long was waited, in milliseconds. */
  readonly timeout: number;

  constructor(message: string, options: { timeout: number; cause?: unknown }) {
    super(message, { code: 'ERR_MP_TIMEOUT', ...('cause' in options && { cause: options.cause }) });
    this.timeout = options.timeout;
  }
}
brandError(TimeoutError, 'TimeoutError');

/**
 * A wait was ended by its `signal`. `cause` is the signal's reason. What was waited for goes on as before.
 *
 * Its `code` is `'ABORT_ERR'`, as everywhere in Node. Python has no counterpart.
 */
export class AbortError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ABORT_ERR', ...('cause' in options && { cause: options.cause }) });
  }
}
brandError(AbortError, 'AbortError');

/**
 * A `Sync` call would have waited for ever: what it waits for can only be done by the event loop
 * that the call itself would block. Use the promise form, or let another process do the other half.
 */
export class DeadlockError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_DEADLOCK' });
  }
}
brandError(DeadlockError, 'DeadlockError');
