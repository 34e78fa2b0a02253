import { inspect, types } from 'node:util';
import { TimeoutError } from '@mp/errors';
import { Deadline, type WaitOptions, waitWithin } from '@mp/native';
import { registerLocal } from '@mp/reduction';
import { PoolStateError } from './errors.ts';

/** What to do with the result besides keeping it. */
export interface Callbacks<T> {
  /** Called once with the result, before whoever waits gets it. If it throws, that is an uncaught exception. */
  readonly callback?: ((value: T) => void) | undefined;
  /** Called once with the error instead. */
  readonly errorCallback?: ((error: unknown) => void) | undefined;
}

/** What has become of a task. */
type State = 'pending' | 'succeeded' | 'failed';

/**
 * The result of a task that was handed to a pool: there, or still to come. Can be awaited like a promise.
 *
 * Each of them comes to its end: with the result, with what the function threw, or with an error that says why there is
 * neither. An error that nobody asks for is not an unhandled rejection.
 *
 * Python: `multiprocessing.pool.AsyncResult`.
 *
 * @example
 * ```ts
 * const result = pool.applyAsync(square, [20]);
 * console.log(await result.get({ timeout: 1000 })); // => 400
 * ```
 */
export class AsyncResult<T> implements PromiseLike<T> {
  readonly #task: string;
  readonly #callbacks: Callbacks<T>;
  readonly #sleepSync: (timeout: number) => void;
  #state: State = 'pending';
  /** The result or the error. Not an object for both: of thousands of calls at once all of this is alive together. */
  #outcome: unknown;
  /** Who waits for a time, or until a signal. */
  #waiting: Set<() => void> | undefined;
  /** For all who await it: made when the first one does. */
  #awaited: PromiseWithResolvers<T> | undefined;

  /**
   * @param sleepSync - blocks the thread until something has happened in the pool
   * @internal
   */
  constructor(task: string, callbacks: Callbacks<T>, sleepSync: (timeout: number) => void) {
    this.#task = task;
    this.#callbacks = callbacks;
    this.#sleepSync = sleepSync;
  }

  /** Whether the task has come to its end. */
  ready(): boolean {
    return this.#state !== 'pending';
  }

  /**
   * Whether the task ended without an error.
   *
   * @throws PoolStateError if it has not ended yet
   */
  successful(): boolean {
    if (this.#state === 'pending') {
      throw new PoolStateError(`successful: ${this.#task} has not ended yet. Ask ready() first.`);
    }
    return this.#state === 'succeeded';
  }

  /**
   * The result.
   *
   * @throws what the task threw; WorkerLostError if its worker died; TimeoutError or AbortError if the wait is over first:
   * the task goes on, and its result can be asked for again
   */
  async get(options?: WaitOptions): Promise<T> {
    if (await this.wait(options)) return this.#unwrap();
    throw this.#late(options?.timeout);
  }

  /** {@link get}, blocking the thread. */
  getSync(options?: { readonly timeout?: number | undefined }): T {
    if (this.waitSync(options)) return this.#unwrap();
    throw this.#late(options?.timeout);
  }

  /**
   * Waits until the task has ended, however it ended.
   *
   * @returns false if the time was over first (Python returns None in both cases)
   * @throws AbortError if the signal ends the wait
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    if (!options?.signal?.aborted) {
      if (this.ready()) return true;
      if (Deadline.after(options?.timeout).expired) return false;
    }
    return waitWithin<boolean>(options, {
      what: `Waiting for ${this.#task}`,
      begin: (resolve) => this.#whenReady(() => resolve(true)),
      late: () => this.ready(),
    });
  }

  /** {@link wait}, blocking the thread. */
  waitSync(options?: { readonly timeout?: number | undefined }): boolean {
    const deadline = Deadline.after(options?.timeout);
    while (!this.ready()) {
      if (deadline.expired) return false;
      this.#sleepSync(deadline.remaining());
    }
    return true;
  }

  /** As of a promise: an AsyncResult can be awaited. */
  // biome-ignore lint/suspicious/noThenProperty: being awaitable is the point.
  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.promise().then(onValue, onError);
  }

  /** The result; always the same promise. Who asks for it and does not look has an unhandled rejection. @internal */
  promise(): Promise<T> {
    if (this.#awaited === undefined) {
      this.#awaited = Promise.withResolvers<T>();
      this.#tellAwaiting();
    }
    return this.#awaited.promise;
  }

  toString(): string {
    return `<AsyncResult ${this.#task} ${this.#description}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  get #description(): string {
    const error = this.#outcome;
    return this.#state === 'failed' && types.isNativeError(error)
      ? `failed: ${error.name}: ${error.message}`
      : this.#state;
  }

  /** The task has returned. @internal */
  succeed(value: T): void {
    this.#settle('succeeded', value);
  }

  /** It has not. @internal */
  fail(error: unknown): void {
    this.#settle('failed', error);
  }

  #settle(state: State, outcome: unknown): void {
    if (this.#state !== 'pending') return;
    this.#state = state;
    this.#outcome = outcome;
    this.#callBack();
    this.#tellAwaiting();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) for (const wake of waiting) wake();
  }

  #tellAwaiting(): void {
    if (this.#state === 'succeeded') this.#awaited?.resolve(this.#outcome as T);
    else if (this.#state === 'failed') this.#awaited?.reject(this.#outcome);
  }

  /** Calls `wake` as soon as the task has ended. Returns how that is undone. */
  #whenReady(wake: () => void): () => void {
    if (this.ready()) wake();
    else {
      this.#waiting ??= new Set();
      this.#waiting.add(wake);
    }
    return () => this.#waiting?.delete(wake);
  }

  #callBack(): void {
    const { callback, errorCallback } = this.#callbacks;
    try {
      if (this.#state === 'succeeded') callback?.(this.#outcome as T);
      else errorCallback?.(this.#outcome);
    } catch (error) {
      // In a turn of its own: the pool and everybody else's results must not suffer from it.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #unwrap(): T {
    if (this.#state === 'succeeded') return this.#outcome as T;
    throw this.#outcome;
  }

  #late(timeout: number | undefined): TimeoutError {
    const waited = Math.max(0, timeout ?? 0);
    return new TimeoutError(`${this.#task} did not end within ${waited} ms. It goes on; ask for its result again.`, {
      timeout: waited,
    });
  }
}
registerLocal(AsyncResult, 'belongs to the pool that runs its task. Pass its value when it is there, await result');
