import { inspect, types } from 'node:util';
import { TimeoutError } from '@mp/errors';
import { Deadline, type WaitOptions, waitWithin } from '@mp/native';
import { PoolStateError } from './errors.ts';
import { staysHere } from './stays-here.ts';

/** What to do with the result besides keeping it. */
export interface Callbacks<T> {
  /** Called once with the result, before whoever waits gets it. If it throws, that is an uncaught exception. */
  readonly callback?: ((value: T) => void) | undefined;
  /** Called once with the error instead. */
  readonly errorCallback?: ((error: unknown) => void) | undefined;
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

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
  /** Who waits: mostly one, and a set for each of many results would be most of their memory. */
  #waiting: (() => void) | undefined;
  #moreWaiting: Set<() => void> | undefined;
  #outcome: Outcome<T> | undefined;

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
    return this.#outcome !== undefined;
  }

  /**
   * Whether the task ended without an error.
   *
   * @throws PoolStateError if it has not ended yet
   */
  successful(): boolean {
    if (this.#outcome === undefined) {
      throw new PoolStateError(`successful: ${this.#task} has not ended yet. Ask ready() first.`);
    }
    return 'value' in this.#outcome;
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
    return new Promise<T>((resolve, reject) => {
      this.#whenReady(() => {
        if (this.#outcome !== undefined && 'value' in this.#outcome) resolve(this.#outcome.value);
        else reject(this.#outcome?.error);
      });
    }).then(onValue, onError);
  }

  toString(): string {
    return `<AsyncResult ${this.#task} ${this.#state()}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #state(): string {
    if (this.#outcome === undefined) return 'pending';
    if ('value' in this.#outcome) return 'succeeded';
    const { error } = this.#outcome;
    return types.isNativeError(error) ? `failed: ${error.name}: ${error.message}` : 'failed';
  }

  /** The task has ended. @internal */
  settle(outcome: Outcome<T>): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#callBack(outcome);
    const first = this.#waiting;
    const more = this.#moreWaiting;
    this.#waiting = undefined;
    this.#moreWaiting = undefined;
    first?.();
    if (more !== undefined) for (const wake of more) wake();
  }

  /** Calls `wake` as soon as the task has ended. Returns how that is undone. */
  #whenReady(wake: () => void): () => void {
    if (this.ready()) wake();
    else if (this.#waiting === undefined && this.#moreWaiting === undefined) this.#waiting = wake;
    else {
      this.#moreWaiting ??= new Set();
      this.#moreWaiting.add(wake);
    }
    return () => {
      if (this.#waiting === wake) this.#waiting = undefined;
      else this.#moreWaiting?.delete(wake);
    };
  }

  #callBack(outcome: Outcome<T>): void {
    const { callback, errorCallback } = this.#callbacks;
    try {
      if ('value' in outcome) callback?.(outcome.value);
      else errorCallback?.(outcome.error);
    } catch (error) {
      // In a turn of its own: the pool and everybody else's results must not suffer from it.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #unwrap(): T {
    const outcome = this.#outcome as Outcome<T>;
    if ('value' in outcome) return outcome.value;
    throw outcome.error;
  }

  #late(timeout: number | undefined): TimeoutError {
    const waited = Math.max(0, timeout ?? 0);
    return new TimeoutError(`${this.#task} did not end within ${waited} ms. It goes on; ask for its result again.`, {
      timeout: waited,
    });
  }
}
staysHere(AsyncResult, 'it belongs to the pool that runs its task. Pass its value, when it is there');
