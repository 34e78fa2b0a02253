import type { WaitOptions } from '@mp/native';
import type { AsyncResult } from '@mp/pool';
import { currentCall } from '../server/call.ts';

/** The result of a task of a managed pool: there, or still to come. Python: `multiprocessing.pool.AsyncResult`. */
export class ManagedAsyncResult<T = unknown> {
  readonly #result: AsyncResult<T>;

  constructor(result: AsyncResult<T>) {
    this.#result = result;
  }

  /** Whether the task has come to its end. */
  ready(): boolean {
    return this.#result.ready();
  }

  /**
   * Whether the task ended without an error.
   *
   * @throws PoolStateError if it has not ended yet
   */
  successful(): boolean {
    return this.#result.successful();
  }

  /**
   * The result.
   *
   * @throws what the task threw; WorkerLostError; TimeoutError or AbortError if the wait is over first: the task goes on
   */
  get(options?: WaitOptions): Promise<T> {
    return this.#result.get(whileCalled(options));
  }

  /**
   * Waits until the task has ended, however it ended.
   *
   * @returns false if the time was over first
   */
  wait(options?: WaitOptions): Promise<boolean> {
    return this.#result.wait(whileCalled(options));
  }
}

/** The same options; the wait also ends when its caller does. To be called before the first `await` of a method. */
export function whileCalled<T extends WaitOptions>(options: T | undefined): T {
  return { ...(options as T), signal: currentCall().signal };
}
