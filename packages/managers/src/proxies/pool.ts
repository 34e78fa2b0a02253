import type { WaitOptions } from '@mp/native';
import type { Callbacks, CallOptions, ImapOptions, MapOptions } from '@mp/pool';
import { ManagedAsyncResult } from '../managed/async-result.ts';
import { ManagedPool } from '../managed/pool.ts';
import type { IteratorProxy, Proxied } from '../proxied.ts';
import { type BaseProxy, callMethod, type ProxyClass } from './base-proxy.ts';
import { builtIn } from './built-in.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function may be a task; its arguments are checked against it.
type AnyArguments = any[];
type Lists<Args extends AnyArguments> = readonly Readonly<Args>[];

/** A proxy of the result of a task of a managed pool. */
export type AsyncResultProxy<T = unknown> = Proxied<ManagedAsyncResult<T>>;
export const AsyncResultProxy: ProxyClass = builtIn('AsyncResultProxy', ManagedAsyncResult);

/** The methods of a managed pool, blocking the thread. */
export interface PoolSyncMethods {
  /** The result of one call in a worker. */
  apply<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    args?: Readonly<Args>,
    options?: Omit<CallOptions, 'signal'>,
  ): Awaited<R>;
  /** The results, in the order of the items. */
  map<T, R>(fn: (item: NoInfer<T>) => R, items: readonly T[], options?: Omit<MapOptions, 'signal'>): Awaited<R>[];
  /** `map` with a list of arguments for each call. */
  starmap<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    items: Lists<NoInfer<Args>>,
    options?: Omit<MapOptions, 'signal'>,
  ): Awaited<R>[];
  /** How many workers there are. */
  size(): number;
  /** No more tasks; those that there are will be done. */
  close(): void;
  /** Ends the workers at once; what is outstanding fails. */
  terminate(): void;
  /** Waits until the workers have ended, after `close` or `terminate`. */
  join(options?: Pick<WaitOptions, 'timeout'>): void;
}

/**
 * A proxy of a pool in the server of a manager. What is called is an exported function, which the server loads: that
 * needs a manager on this machine, or `trusted: true`.
 *
 * `Symbol.asyncDispose` is `close` and `join`. A pool that nobody refers to any more is closed some time.
 *
 * Python: `multiprocessing.managers.PoolProxy`, whose `with` block terminates.
 *
 * @example
 * ```ts
 * const pool = await manager.Pool(4);
 * console.log(await pool.map(square, [1, 2, 3])); // => [ 1, 4, 9 ]
 * const result = await pool.applyAsync(square, [20]);
 * console.log(await result.get({ timeout: 1000 })); // => 400
 * for await (const n of await pool.imap(square, [1, 2, 3])) console.log(n);
 * await pool[Symbol.asyncDispose]();
 * ```
 */
export interface PoolProxy extends BaseProxy, AsyncDisposable {
  /** Calls a function in a worker. Ending the wait takes the task back. */
  apply<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    args?: Readonly<Args>,
    options?: CallOptions,
  ): Promise<Awaited<R>>;
  /** {@link apply}, not waiting for the result. Callbacks are exported functions, called in the server. */
  applyAsync<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    args?: Readonly<Args>,
    options?: Omit<CallOptions, 'signal'> & Callbacks<Awaited<R>>,
  ): Promise<AsyncResultProxy<Awaited<R>>>;
  /** Calls a function with each item, on all workers. The results are in the order of the items. */
  map<T, R>(fn: (item: NoInfer<T>) => R, items: readonly T[], options?: MapOptions): Promise<Awaited<R>[]>;
  /** `map`, as an AsyncResult in the server, of which every process may ask the result. */
  mapAsync<T, R>(
    fn: (item: NoInfer<T>) => R,
    items: readonly T[],
    options?: Omit<MapOptions, 'signal'> & Callbacks<Awaited<R>[]>,
  ): Promise<AsyncResultProxy<Awaited<R>[]>>;
  /** {@link map} for functions of several arguments: each item is a list of them. */
  starmap<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    items: Lists<NoInfer<Args>>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]>;
  /** `starmap`, likewise. */
  starmapAsync<Args extends AnyArguments, R>(
    fn: (...args: Args) => R,
    items: Lists<NoInfer<Args>>,
    options?: Omit<MapOptions, 'signal'> & Callbacks<Awaited<R>[]>,
  ): Promise<AsyncResultProxy<Awaited<R>[]>>;
  /** The results one after the other: each is fetched when it is asked for. An item that fails is an error at its place. */
  imap<T, R>(
    fn: (item: NoInfer<T>) => R,
    items: readonly T[],
    options?: Omit<ImapOptions, 'signal'>,
  ): Promise<IteratorProxy<Awaited<R>>>;
  /** {@link imap}, in the order in which results come. */
  imapUnordered<T, R>(
    fn: (item: NoInfer<T>) => R,
    items: readonly T[],
    options?: Omit<ImapOptions, 'signal'>,
  ): Promise<IteratorProxy<Awaited<R>>>;
  /** How many workers it has. */
  size(): Promise<number>;
  /** Takes no more tasks. The workers end when everything outstanding is done. */
  close(): Promise<void>;
  /** Ends the workers now. What is outstanding is rejected with PoolTerminatedError. */
  terminate(): Promise<void>;
  /** Waits until all workers have ended. @throws PoolStateError before `close` or `terminate` */
  join(options?: WaitOptions): Promise<void>;
  /** The same, blocking the thread. */
  readonly sync: PoolSyncMethods;
}
export const PoolProxy: ProxyClass = builtIn('PoolProxy', ManagedPool, {
  proxy: {
    async [Symbol.asyncDispose](this: BaseProxy): Promise<void> {
      await callMethod(this, 'close');
      await callMethod(this, 'join');
      this[Symbol.dispose]();
    },
  },
  methodToTypeid: { applyAsync: 'AsyncResult', mapAsync: 'AsyncResult', starmapAsync: 'AsyncResult' },
});
