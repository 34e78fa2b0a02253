import type { WaitOptions } from '@mp/native';
import type { Callbacks, CallOptions, ImapIterator, ImapOptions, MapOptions, Pool, PoolOptions } from '@mp/pool';
import { ManagedAsyncResult, whileCalled } from './async-result.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function may be a task; the proxy checks its arguments.
type AnyFunction = (...args: any[]) => unknown;

/** What a managed pool is told: what a Pool is, but for the context, which is that of the server. */
export type ManagedPoolOptions = Omit<PoolOptions, 'context' | 'disposal'>;

/**
 * A pool in the server of a manager: its workers are children of the server, and work for whoever has a proxy.
 *
 * Python: `multiprocessing.managers.SyncManager.Pool`.
 */
export class ManagedPool {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** A server without a pool does not load what one needs. */
  static async create(options?: ManagedPoolOptions | number): Promise<ManagedPool> {
    const { Pool } = await import('@mp/pool');
    return new ManagedPool(new Pool(options));
  }

  /** Who gives up, or ends, while it waits here takes its task back; a worker that is at it is replaced. */
  apply(fn: AnyFunction, args: readonly unknown[] = [], options?: CallOptions): Promise<unknown> {
    return this.#pool.apply(fn, [...args], whileCalled(options));
  }

  applyAsync(
    fn: AnyFunction,
    args: readonly unknown[] = [],
    options?: CallOptions & Callbacks<unknown>,
  ): ManagedAsyncResult {
    return new ManagedAsyncResult(this.#pool.applyAsync(fn, [...args], options));
  }

  map(fn: AnyFunction, items: readonly unknown[], options?: MapOptions): Promise<unknown[]> {
    return this.#pool.map(fn, items, whileCalled(options));
  }

  mapAsync(
    fn: AnyFunction,
    items: readonly unknown[],
    options?: MapOptions & Callbacks<unknown[]>,
  ): ManagedAsyncResult<unknown[]> {
    return new ManagedAsyncResult(this.#pool.mapAsync(fn, items, options));
  }

  starmap(fn: AnyFunction, items: readonly (readonly unknown[])[], options?: MapOptions): Promise<unknown[]> {
    return this.#pool.starmap(fn, items as unknown[][], whileCalled(options));
  }

  starmapAsync(
    fn: AnyFunction,
    items: readonly (readonly unknown[])[],
    options?: MapOptions & Callbacks<unknown[]>,
  ): ManagedAsyncResult<unknown[]> {
    return new ManagedAsyncResult(this.#pool.starmapAsync(fn, items as unknown[][], options));
  }

  imap(fn: AnyFunction, items: readonly unknown[], options?: ImapOptions): ImapIterator<unknown> {
    return this.#pool.imap(fn, items, options);
  }

  imapUnordered(fn: AnyFunction, items: readonly unknown[], options?: ImapOptions): ImapIterator<unknown> {
    return this.#pool.imapUnordered(fn, items, options);
  }

  /** How many workers it has. */
  size(): number {
    return this.#pool.size;
  }

  close(): void {
    this.#pool.close();
  }

  terminate(): void {
    this.#pool.terminate();
  }

  join(options?: WaitOptions): Promise<void> {
    return this.#pool.join(whileCalled(options));
  }
}
