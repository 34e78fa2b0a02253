import { availableParallelism } from 'node:os';
import { inspect } from 'node:util';
import { type Context, defaultContext } from '@mp/context';
import type { WaitOptions } from '@mp/native';
import { AsyncResult, type Callbacks } from './async-result.ts';
import { checkOptions, invalid } from './checks.ts';
import { checkChunkSize, defaultChunkSize } from './chunks.ts';
import { Dispatcher } from './dispatcher.ts';
import { PoolStateError } from './errors.ts';
import { startMap } from './map-job.ts';
import { ProcessEngine } from './processes/process-engine.ts';
import { APPLY, MAP, STARMAP } from './protocol.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function may be a task; its arguments are checked against it.
type AnyArguments = any[];
type AnyFunction = (...args: AnyArguments) => unknown;

/** The items of who has no types: they fit every function. */
type Unknown = AnyArguments[number];

/** The list of arguments of a function; may be left out if the function needs none. */
type ArgumentsOf<Args extends AnyArguments> = [] extends Args ? [args?: Readonly<Args>] : [args: Readonly<Args>];

/** Arrays apart: the compiler has much less to say of them when something does not fit. */
type ArgumentLists<Args extends AnyArguments> = readonly Readonly<Args>[] | Iterable<Readonly<Args>>;

export interface PoolOptions {
  /** How many workers. Default: as many as this process may use cores. */
  readonly processes?: number | undefined;
  /** Whose start method is used. Default: the default context. */
  readonly context?: Context | undefined;
}

export interface MapOptions {
  /** How many items travel together. Default: a quarter of an equal share for each worker. */
  readonly chunkSize?: number | undefined;
}

/** A worker of a pool, for messages and for tools of the system. */
export interface PoolWorker {
  /** The name of its process, as errors call it. */
  readonly name: string;
  readonly pid: number;
}

type State = 'RUN' | 'CLOSE' | 'TERMINATE';

/**
 * Worker processes that tasks are handed to.
 *
 * A task is an exported function and its arguments. The function travels to a worker once, as a reference to the module
 * that exports it. Arguments are pickled when a worker gets the task, so do not change them until it is done. The
 * function may be async; a worker works on one task at a time.
 *
 * Every task is answered. What the function throws arrives with its class, its fields and the stack of where it
 * happened. If a worker dies in the middle of a task, that task is rejected with WorkerLostError, tasks that it had not
 * begun go to others, and a new worker takes its place. Arguments or a result that cannot be pickled fail their own task.
 *
 * An idle pool does not keep the program alive; outstanding tasks do. Workers end with the pool's process, however that
 * ends. `Symbol.asyncDispose` is `close` and `join`: the pool finishes what it was given, then ends its workers.
 *
 * Python: `multiprocessing.Pool`, whose `with` block terminates and loses what is outstanding.
 *
 * @example
 * ```ts
 * // square.ts: export const square = (x: number) => x * x;
 * const pool = new Pool(4);
 * console.log(await pool.map(square, [1, 2, 3])); // => [ 1, 4, 9 ]
 * pool.close();
 * await pool.join();
 * ```
 */
export class Pool implements AsyncDisposable {
  readonly #dispatcher: Dispatcher;
  readonly #size: number;
  readonly #creator: number = process.pid;
  readonly #functionIds = new Map<AnyFunction, number>();
  readonly #waitSync = (timeout: number): void => this.#dispatcher.waitSync(timeout);
  #state: State = 'RUN';

  /**
   * Starts the workers.
   *
   * @param options - or just the number of workers
   * @throws RangeError if that number is less than 1; StartError if the system refuses
   */
  constructor(options: PoolOptions | number = {}) {
    const { processes = availableParallelism(), context = defaultContext } =
      typeof options === 'number' ? { processes: options } : checkOptions(options, 'options');
    if (!Number.isInteger(processes) || processes < 1) {
      throw Object.assign(new RangeError(`processes is ${processes}: a pool needs 1 worker or more.`), {
        code: 'ERR_OUT_OF_RANGE',
      });
    }
    this.#size = processes;
    this.#dispatcher = new Dispatcher({ engine: new ProcessEngine(context), workers: processes });
  }

  /** How many workers the pool has. One that was lost is being replaced. */
  get size(): number {
    return this.#size;
  }

  /** The workers that are alive, as far as is known. One that was lost is none of them any more; who replaces it is. */
  get workers(): PoolWorker[] {
    return this.#dispatcher.workers.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]));
  }

  /**
   * Calls a function in a worker.
   *
   * @returns what it returns
   * @throws what it throws; WorkerLostError, PicklingError, PoolTerminatedError
   */
  async apply<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    ...[args]: ArgumentsOf<Args>
  ): Promise<Awaited<R>> {
    return this.#apply(fn, (args === undefined ? [] : args) as Readonly<Args>);
  }

  /** {@link apply}, blocking the thread. */
  applySync<Args extends AnyArguments, R>(fn: (...args: Args) => R, ...[args]: ArgumentsOf<Args>): Awaited<R> {
    return this.#apply(fn, (args === undefined ? [] : args) as Readonly<Args>).getSync();
  }

  /**
   * {@link apply}, returning at once.
   *
   * @param options - `callback`, `errorCallback`
   */
  applyAsync<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    args: Readonly<Args> = [] as never,
    options: Callbacks<Awaited<R>> = {},
  ): AsyncResult<Awaited<R>> {
    return this.#apply(fn, args, options);
  }

  /**
   * Calls a function with each item, in chunks, on all workers.
   *
   * @param items - any iterable or async iterable; it is read to its end first
   * @returns the results in the order of the items
   * @throws the error of the chunk that failed first, when all chunks are done; further as {@link apply}
   */
  async map<T = Unknown, R = unknown>(
    fn: (item: NoInfer<T>) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]> {
    const list = isAsyncIterable(items) ? await Array.fromAsync(items) : items;
    return this.mapAsync(fn, list, options);
  }

  /** {@link map}, blocking the thread. */
  mapSync<T = Unknown, R = unknown>(
    fn: (item: NoInfer<T>) => R,
    items: Iterable<T>,
    options?: MapOptions,
  ): Awaited<R>[] {
    return this.mapAsync(fn, items, options).getSync();
  }

  /**
   * {@link map}, returning at once.
   *
   * @param options - further `callback`, called with the whole list, and `errorCallback`
   */
  mapAsync<T = Unknown, R = unknown>(
    fn: (item: NoInfer<T>) => R,
    items: Iterable<T>,
    options: MapOptions & Callbacks<Awaited<R>[]> = {},
  ): AsyncResult<Awaited<R>[]> {
    return this.#map(MAP, fn as (...args: AnyArguments) => R, items, options);
  }

  /** {@link map} for functions of several arguments: each item is a list of them. */
  async starmap<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    items: ArgumentLists<NoInfer<Args>> | AsyncIterable<Readonly<NoInfer<Args>>>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]> {
    const list = isAsyncIterable(items) ? await Array.fromAsync(items) : items;
    return this.starmapAsync(fn, list, options);
  }

  /** {@link starmap}, returning at once. */
  starmapAsync<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    items: ArgumentLists<NoInfer<Args>>,
    options: MapOptions & Callbacks<Awaited<R>[]> = {},
  ): AsyncResult<Awaited<R>[]> {
    return this.#map(STARMAP, fn as (...args: AnyArguments) => R, items, options);
  }

  /** Takes no more tasks. The workers end when everything outstanding is done. Closing again does nothing. */
  close(): void {
    this.#assertOurs('close');
    if (this.#state !== 'RUN') return;
    this.#state = 'CLOSE';
    this.#dispatcher.close();
  }

  /** Ends the workers now. What is outstanding is rejected with PoolTerminatedError. */
  terminate(): void {
    this.#assertOurs('terminate');
    if (this.#state === 'TERMINATE') return;
    this.#state = 'TERMINATE';
    this.#dispatcher.terminate();
  }

  /**
   * Waits until all workers have ended.
   *
   * @throws PoolStateError before {@link close} or {@link terminate}; TimeoutError, AbortError
   */
  async join(options?: WaitOptions): Promise<void> {
    this.#assertOurs('join');
    if (this.#state === 'RUN') {
      throw new PoolStateError('join: the pool is still running. close() or terminate() it first.');
    }
    return this.#dispatcher.join(options);
  }

  /** Finishes what is outstanding, then ends the workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.join();
  }

  toString(): string {
    return `<Pool state=${this.#state} size=${this.#size}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #apply<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    args: Readonly<Args>,
    callbacks: Callbacks<Awaited<R>> = {},
  ): AsyncResult<Awaited<R>> {
    this.#assertRunning();
    const functionId = this.#idOf(fn as AnyFunction);
    checkOptions(callbacks, 'options');
    if (!Array.isArray(args)) throw invalid('args', 'an array of arguments', args);
    const task = `${nameOf(fn)}()`;
    const result = this.#resultOf<Awaited<R>>(task, callbacks);
    this.#dispatcher.add({
      mode: APPLY,
      functionId,
      fn: fn as AnyFunction,
      payload: args,
      task,
      first: 0,
      done: (value) => result.settle({ value: value as Awaited<R> }),
      failed: (error) => result.settle({ error }),
    });
    return result;
  }

  #map<R>(
    mode: typeof MAP | typeof STARMAP,
    fn: (...args: AnyArguments) => R,
    items: Iterable<unknown>,
    options: MapOptions & Callbacks<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    this.#assertRunning();
    const { chunkSize, ...callbacks } = checkOptions(options, 'options');
    const functionId = this.#idOf(fn);
    if (typeof (items as Partial<Iterable<unknown>> | undefined | null)?.[Symbol.iterator] !== 'function') {
      throw invalid('items', 'an iterable', items);
    }
    const list = Array.isArray(items) ? items : [...items];
    const size = chunkSize === undefined ? defaultChunkSize(list.length, this.#size) : checkChunkSize(chunkSize);
    const task = `${mode === MAP ? 'map' : 'starmap'}(${nameOf(fn)})`;
    const result = this.#resultOf<Awaited<R>[]>(task, callbacks);
    startMap(
      { mode, functionId, fn, items: list, chunkSize: size, task },
      this.#dispatcher,
      result as AsyncResult<unknown[]>,
    );
    return result;
  }

  #resultOf<T>(task: string, callbacks: Callbacks<T>): AsyncResult<T> {
    return new AsyncResult<T>(task, callbacks, this.#waitSync);
  }

  #idOf(fn: AnyFunction): number {
    if (typeof fn !== 'function') throw invalid('fn', 'a function', fn);
    let id = this.#functionIds.get(fn);
    if (id === undefined) {
      id = this.#functionIds.size;
      this.#functionIds.set(fn, id);
    }
    return id;
  }

  /** Its workers know the process that made it, and nobody else: a forked child has the object, but not the workers. */
  #assertOurs(what: string): void {
    if (this.#creator !== process.pid) {
      throw new PoolStateError(
        `${what}: the pool can only be used by the process that made it. Make another one here.`,
      );
    }
  }

  #assertRunning(): void {
    this.#assertOurs('A task');
    if (this.#state !== 'RUN')
      throw new PoolStateError('The pool is not running any more: it was closed or terminated.');
  }
}

/** What is neither kind of iterable is refused later on, with everything else that cannot be mapped. */
const isAsyncIterable = <T>(items: Iterable<T> | AsyncIterable<T>): items is AsyncIterable<T> =>
  typeof (items as Partial<AsyncIterable<T>> | undefined | null)?.[Symbol.asyncIterator] === 'function';

const nameOf = (fn: { readonly name: string }): string => fn.name || 'anonymous function';
