import type { Context } from '@mp/context';
import { Deadline } from '@mp/native';

/** What every object here takes. */
export interface SynchronizeOptions {
  /** As in Python; of no consequence: an object works with processes of every start method at once. */
  readonly context?: Context | undefined;
}

/** How to wait in a `Sync` form. A signal cannot be heard by a thread that is blocked. */
export interface SyncWaitOptions {
  /** In milliseconds. Default (also for `undefined` and `Infinity`): wait for ever. 0 or less: do not wait. */
  readonly timeout?: number | undefined;
}

/** Has wrong options refused before anything is done, also where there is no need to wait. */
export function checkOptions(options: SyncWaitOptions | undefined): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    const error: TypeError & { code?: string } = new TypeError(
      `The options must be an object such as { timeout: 1000 }, in milliseconds, not ${String(options)}. Python's acquire(False) is acquire({ timeout: 0 }) here.`,
    );
    error.code = 'ERR_INVALID_ARG_TYPE';
    throw error;
  }
  Deadline.after(options.timeout);
}
