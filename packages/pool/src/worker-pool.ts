import { inspect } from 'node:util';
import type { WaitOptions } from '@mp/native';
import { AsyncResult, type Callbacks } from './async-result.ts';
import { Call } from './call.ts';
import { checkOptions, checkRetries, invalid } from './checks.ts';
import { checkChunkSize, checkCount, equalChunks, guidedChunks } from './chunks.ts';
import { Dispatcher } from './dispatcher.ts';
import { PoolStateError } from './errors.ts';
import { notForgotten, watchForgotten } from './forgotten-pools.ts';
import { ImapIterator } from './imap.ts';
import { isAsyncIterable } from './imap-input.ts';
import { KnownFunctions } from './known-functions.ts';
import { type CallOptions, Limits } from './limits.ts';
import { ListedInput } from './listed-input.ts';
import { MapJob } from './map-job.ts';
import { OpenInputs } from './open-inputs.ts';
import type { AnyArguments, AnyFunction, ImapOptions, MapOptions, PoolWorker } from './options.ts';
import { MAP, STARMAP } from './protocol.ts';
import { ReadAhead } from './read-ahead.ts';
import type { PoolStatistics } from './statistics.ts';
import type { WorkforceOptions } from './workforce.ts';

/** The items of who has no types: they fit every function. */
type Unknown = AnyArguments[number];

/** The list of arguments of a function; may be left out if the function needs none. */
type CallOf<Args extends AnyArguments> = [] extends Args
  ? [args?: Readonly<Args>, options?: CallOptions]
  : [args: Readonly<Args>, options?: CallOptions];

/** Arrays apart: the compiler has much less to say of them when something does not fit. */
type ArgumentLists<Args extends AnyArguments> = readonly Readonly<Args>[] | Iterable<Readonly<Args>>;

type State = 'RUN' | 'CLOSE' | 'TERMINATE';

/** Of most calls. One object for all: it is checked already. */
const NO_OPTIONS: CallOptions & Callbacks<unknown> = Object.freeze({});

/** Chunks that an imap reads ahead for each worker. */
const CHUNKS_AHEAD = 64;
/** The same if they are done within microseconds. */
const MOST_CHUNKS_AHEAD = 1024;
/** Chunks for each worker with which an imap does not wait until more can be read at once. */
const FEWEST_CHUNKS = 4;

/**
 * What all pools have in common: {@link Pool}, whose workers are processes, and {@link ThreadPool}.
 *
 * Made by its subclasses only.
 */
export abstract class WorkerPool implements AsyncDisposable {
  readonly #dispatcher: Dispatcher;
  readonly #size: number;
  readonly #disposal: 'wait' | 'terminate';
  readonly #creator: number = process.pid;
  readonly #functions = new KnownFunctions();
  readonly #inputs: OpenInputs;
  readonly #waitSync = (timeout: number): void => this.#dispatcher.waitSync(timeout);
  #state: State = 'RUN';

  /** @internal */
  protected constructor(workforce: WorkforceOptions, disposal: 'wait' | 'terminate' = 'wait') {
    this.#size = workforce.workers;
    this.#disposal = disposal;
    // Nothing that the dispatcher has may lead to the pool: see forgotten-pools.ts.
    const inputs = new OpenInputs();
    this.#inputs = inputs;
    this.#dispatcher = new Dispatcher(workforce, (error) => inputs.end(error));
    watchForgotten(this, this.#dispatcher);
  }

  /** How many workers the pool has. One that was lost is being replaced. */
  get size(): number {
    return this.#size;
  }

  /** The workers that are alive, as far as is known. One that was lost is none of them any more; who replaces it is. */
  get workers(): PoolWorker[] {
    return this.#dispatcher.workers.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]));
  }

  /** What the pool has done so far, and what each worker is at: a snapshot. */
  statistics(): PoolStatistics {
    return this.#dispatcher.statistics();
  }

  /**
   * Calls a function in a worker.
   *
   * @param call - its arguments, then `signal`, `timeout` and `retries`
   * @returns what it returns
   * @throws what it throws; WorkerLostError, PicklingError, PoolTerminatedError; TimeoutError, AbortError
   */
  apply<Args extends AnyArguments, R>(fn: (...args: Args) => R, ...call: CallOf<Args>): Promise<Awaited<R>> {
    const [args = [] as never, options] = call;
    try {
      // Not by `async` and `await`, which takes several turns of the microtasks more.
      return this.#apply(fn, args as Readonly<Args>, options).promise();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** {@link apply}, blocking the thread. */
  applySync<Args extends AnyArguments, R>(fn: (...args: Args) => R, ...call: CallOf<Args>): Awaited<R> {
    const [args = [] as never, options] = call;
    return this.#apply(fn, args as Readonly<Args>, options).getSync();
  }

  /**
   * {@link apply}, returning at once.
   *
   * @param options - further `callback`, `errorCallback`
   */
  applyAsync<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    args: Readonly<Args> = [] as never,
    options: CallOptions & Callbacks<Awaited<R>> = NO_OPTIONS,
  ): AsyncResult<Awaited<R>> {
    return this.#apply(fn, args, options);
  }

  /**
   * Calls a function with each item, in chunks, on all workers.
   *
   * @param items - any iterable or async iterable; it is read to its end first, within `timeout` and `signal` if it is async
   * @returns the results in the order of the items
   * @throws the error of the chunk that failed first, when all chunks are done; further as {@link apply}
   */
  async map<T = Unknown, R = unknown>(
    fn: (item: NoInfer<T>) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]> {
    if (!isAsyncIterable(items)) return this.mapAsync(fn, items, options);
    return this.#mapLater(MAP, fn as (...args: AnyArguments) => R, items, options);
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
    if (!isAsyncIterable(items)) return this.starmapAsync(fn, items, options);
    return this.#mapLater(STARMAP, fn as (...args: AnyArguments) => R, items, options);
  }

  /** {@link starmap}, returning at once. */
  starmapAsync<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    items: ArgumentLists<NoInfer<Args>>,
    options: MapOptions & Callbacks<Awaited<R>[]> = {},
  ): AsyncResult<Awaited<R>[]> {
    return this.#map(STARMAP, fn as (...args: AnyArguments) => R, items, options);
  }

  /**
   * Calls a function with each item and gives the results one after the other, in the order of the items.
   *
   * The input is read as far ahead as `bufferSize` says, and no further: it may be endless, and it may be async. An item
   * that fails is an error at its place, and the next call of `next` goes on after it, with chunks of any size.
   */
  imap<T = Unknown, R = unknown>(
    fn: (item: NoInfer<T>) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options: ImapOptions = {},
  ): ImapIterator<Awaited<R>> {
    return this.#imap(true, fn as AnyFunction, items, options) as ImapIterator<Awaited<R>>;
  }

  /** {@link imap}, in the order in which results come. */
  imapUnordered<T = Unknown, R = unknown>(
    fn: (item: NoInfer<T>) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options: ImapOptions = {},
  ): ImapIterator<Awaited<R>> {
    return this.#imap(false, fn as AnyFunction, items, options) as ImapIterator<Awaited<R>>;
  }

  /** Takes no more tasks. The workers end when everything outstanding is done. Closing again does nothing. */
  close(): void {
    this.#assertOurs('close');
    if (this.#state !== 'RUN') return;
    this.#state = 'CLOSE';
    notForgotten(this.#dispatcher);
    this.#dispatcher.close();
  }

  /** Ends the workers now. What is outstanding is rejected with PoolTerminatedError. */
  terminate(): void {
    this.#assertOurs('terminate');
    if (this.#state === 'TERMINATE') return;
    this.#state = 'TERMINATE';
    notForgotten(this.#dispatcher);
    this.#dispatcher.terminate();
  }

  /**
   * Waits until all workers have ended. From now on an imap reads its input to the end, whether its results are taken or
   * not: leave the loop over an endless one first.
   *
   * @throws PoolStateError before {@link close} or {@link terminate}; TimeoutError, AbortError
   */
  async join(options?: WaitOptions): Promise<void> {
    this.#assertOurs('join');
    if (this.#state === 'RUN') {
      throw new PoolStateError('join: the pool is still running. close() or terminate() it first.');
    }
    this.#inputs.drain();
    return this.#dispatcher.join(options);
  }

  /** Finishes what is outstanding, or, if `disposal` says so, terminates; then waits for the workers to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposal === 'wait') this.close();
    else this.terminate();
    await this.join();
  }

  toString(): string {
    return `<${this.constructor.name} state=${this.#state} size=${this.#size}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #apply<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    args: Readonly<Args>,
    options: CallOptions & Callbacks<Awaited<R>> = NO_OPTIONS,
  ): AsyncResult<Awaited<R>> {
    this.#assertRunning();
    const known = this.#functions.of(fn as AnyFunction);
    if (options !== NO_OPTIONS) checkOptions(options, 'options');
    if (!Array.isArray(args)) throw invalid('args', 'an array of arguments', args);
    const limits = Limits.of(options, known.call);
    const result = this.#resultOf<Awaited<R>>(known.call, options, limits);
    const call = new Call(known, args, result, checkRetries(options.retries), limits);
    limits?.watch((error) => {
      this.#dispatcher.cancel(new Set([call]), error);
      // It was too late before it was handed over.
      result.fail(error);
    });
    if (!result.ready()) this.#dispatcher.add(call);
    return result;
  }

  #map<R>(
    mode: typeof MAP | typeof STARMAP,
    fn: (...args: AnyArguments) => R,
    items: Iterable<unknown>,
    options: MapOptions & Callbacks<Awaited<R>[]>,
  ): AsyncResult<Awaited<R>[]> {
    const { start } = this.#mapJob(mode, fn, options);
    if (typeof (items as Partial<Iterable<unknown>> | undefined | null)?.[Symbol.iterator] !== 'function') {
      throw invalid('items', 'an iterable', items);
    }
    // Parts of a derived class' array would be of that class, too, and have to be made by its constructor.
    return start(Array.isArray(items) && items.constructor === Array ? items : [...items]);
  }

  /** The same, of an input that is read first. Until then the map counts as handed over. */
  async #mapLater<R>(
    mode: typeof MAP | typeof STARMAP,
    fn: (...args: AnyArguments) => R,
    items: AsyncIterable<unknown>,
    options: MapOptions = {},
  ): Promise<Awaited<R>[]> {
    const { limits, start } = this.#mapJob(mode, fn, options);
    const input = new ListedInput(items, limits);
    this.#inputs.addList(input);
    this.#dispatcher.hold();
    let result: AsyncResult<Awaited<R>[]>;
    try {
      result = start(await input.list);
    } finally {
      this.#inputs.removeList(input);
      this.#dispatcher.release();
    }
    return result;
  }

  /** A map that is checked, and can be started as soon as there are items. */
  #mapJob<R>(
    mode: typeof MAP | typeof STARMAP,
    fn: (...args: AnyArguments) => R,
    options: MapOptions & Callbacks<Awaited<R>[]>,
  ): { limits: Limits | undefined; start: (items: readonly unknown[]) => AsyncResult<Awaited<R>[]> } {
    this.#assertRunning();
    const { chunkSize, failFast = false, onProgress, retries } = checkOptions(options, 'options');
    const { id: functionId, name } = this.#functions.of(fn);
    if (chunkSize !== undefined) checkChunkSize(chunkSize);
    const task = `${mode === MAP ? 'map' : 'starmap'}(${name})`;
    const limits = Limits.of(options, task);
    const request = { mode, functionId, fn, task, retries: checkRetries(retries), failFast, limits, onProgress };
    const start = (items: readonly unknown[]): AsyncResult<Awaited<R>[]> => {
      const { length } = items;
      const chunks = chunkSize === undefined ? guidedChunks(length, this.#size) : equalChunks(length, chunkSize);
      const result = this.#resultOf<Awaited<R>[]>(task, options, limits);
      new MapJob({ ...request, items, chunks }, this.#dispatcher, result as AsyncResult<unknown[]>).start();
      return result;
    };
    return { limits, start };
  }

  #imap(
    ordered: boolean,
    fn: AnyFunction,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    options: ImapOptions,
  ): ImapIterator<unknown> {
    this.#assertRunning();
    const { chunkSize: given = 1, bufferSize, onProgress, retries } = checkOptions(options, 'options');
    const { id: functionId, name } = this.#functions.of(fn);
    const chunkSize = checkChunkSize(given);
    const perChunk = this.#size * chunkSize;
    const least = bufferSize === undefined ? CHUNKS_AHEAD * perChunk : checkCount(bufferSize, 'bufferSize');
    const most = bufferSize === undefined ? MOST_CHUNKS_AHEAD * perChunk : least;
    if (
      !isAsyncIterable(items) &&
      typeof (items as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] !== 'function'
    ) {
      throw invalid('items', 'an iterable or an async iterable', items);
    }
    const task = `${ordered ? 'imap' : 'imapUnordered'}(${name})`;
    const imap = new ImapIterator<unknown>(
      {
        functionId,
        fn,
        items,
        chunkSize,
        ahead: new ReadAhead(Math.max(least, chunkSize), Math.max(most, chunkSize)),
        fewest: FEWEST_CHUNKS * perChunk,
        ordered,
        task,
        retries: checkRetries(retries),
        limits: Limits.of(options, task),
        onProgress,
        total: Array.isArray(items) ? items.length : undefined,
        onEnd: (imap) => this.#inputs.removeImap(imap),
      },
      this.#dispatcher,
    );
    this.#inputs.addImap(imap);
    return imap;
  }

  #resultOf<T>(task: string, callbacks: Callbacks<T>, limits: Limits | undefined): AsyncResult<T> {
    if (limits === undefined) return new AsyncResult<T>(task, callbacks, this.#waitSync);
    return new AsyncResult<T>(task, callbacks, (timeout) => limits.sleepSync(timeout, this.#waitSync));
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
