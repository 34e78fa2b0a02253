import { BrokenPoolError, howItEnded, type LostWorker } from './errors.ts';

/** So many workers in a row that end before they did anything mean that none ever will. */
const MOST_FAILED_STARTS = 5;

/** Whether workers come up. */
export class Starts {
  #failed = 0;
  #initializerError: { readonly error: unknown } | undefined;

  /** A worker has begun a task, or its initializer has returned. */
  succeeded(): void {
    this.#failed = 0;
    this.#initializerError = undefined;
  }

  /** An initializer threw; the worker ends. */
  initializerFailed(error: unknown): void {
    this.#initializerError = { error };
  }

  /**
   * A worker has ended before it did anything.
   *
   * @returns that it has no sense to go on; undefined: it has
   */
  failed(how: LostWorker): BrokenPoolError | undefined {
    if (++this.#failed < MOST_FAILED_STARTS) return undefined;
    if (this.#initializerError !== undefined) {
      const { error } = this.#initializerError;
      return new BrokenPoolError(
        `The initializer failed in ${this.#failed} workers in a row, the last time with: ${textOf(error)}`,
        { cause: error },
      );
    }
    const ended =
      how.pid === undefined
        ? `${this.#failed} workers in a row could not be started`
        : `${this.#failed} workers in a row ended before they did anything; the last one ${howItEnded(how.exitCode)}`;
    if (how.cause === undefined) return new BrokenPoolError(`${ended}. What they printed says why, if they did.`);
    return new BrokenPoolError(`${ended}: ${textOf(how.cause)}`, { cause: how.cause });
  }
}

/** It may be an object of the user that throws when it is looked at. */
function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}
