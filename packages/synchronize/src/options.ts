import type { Context } from '@mp/context';
import { Deadline, type WaitOptions } from '@mp/native';

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

/** Has a wrong `timeout` refused before anything is done, also where there is no need to wait. */
export function checkTimeout(options: SyncWaitOptions | WaitOptions | undefined): void {
  if (options?.timeout !== undefined) Deadline.after(options.timeout);
}
