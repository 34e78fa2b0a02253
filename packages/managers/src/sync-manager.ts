import { BaseManager } from './base-manager.ts';
import { BUILT_INS } from './built-ins.ts';
import type { DictInit } from './managed/dict.ts';
import type { ManagedPoolOptions } from './managed/pool.ts';
import type { ManagerOptions } from './options.ts';
import type { ArrayProxy, DictProxy, ListProxy, NamespaceProxy, SetProxy, ValueProxy } from './proxies/collections.ts';
import type { PoolProxy } from './proxies/pool.ts';
import type {
  BarrierProxy,
  BoundedSemaphoreProxy,
  ConditionProxy,
  EventProxy,
  LockProxy,
  QueueProxy,
  RLockProxy,
  SemaphoreProxy,
} from './proxies/synchronizers.ts';
import { OURS } from './registration.ts';
import type { Registry } from './registry.ts';

/** What makes the objects of a {@link SyncManager}, blocking the thread. */
export interface SyncCreators {
  dict<K = unknown, V = unknown>(init?: DictInit<K, V> | DictProxy<K, V>): DictProxy<K, V>;
  list<T = unknown>(init?: Iterable<T> | ListProxy<T>): ListProxy<T>;
  set<T = unknown>(init?: Iterable<T> | SetProxy<T>): SetProxy<T>;
  Namespace<T extends object = Record<string, unknown>>(init?: Partial<T>): NamespaceProxy<T>;
  Value<T = unknown>(typecode: string, value: T): ValueProxy<T>;
  Array<T = unknown>(typecode: string, items: Iterable<T>): ArrayProxy<T>;
  Queue<T = unknown>(maxSize?: number): QueueProxy<T>;
  JoinableQueue<T = unknown>(maxSize?: number): QueueProxy<T>;
  Lock(): LockProxy;
  RLock(): RLockProxy;
  Semaphore(value?: number): SemaphoreProxy;
  BoundedSemaphore(value?: number): BoundedSemaphoreProxy;
  Condition(lock?: LockProxy | RLockProxy): ConditionProxy;
  Event(): EventProxy;
  Barrier(parties: number, action?: (() => unknown) | null, timeout?: number): BarrierProxy;
  Pool(options?: ManagedPoolOptions | number): PoolProxy;
}

/**
 * A manager of the usual objects: dict, list, set, Namespace, Value, Array, queues, locks and all that is like them. They
 * can be used from any process that gets a proxy of them; they contain whatever can travel, also proxies of each other.
 *
 * Inside of containers plain values are copies: to change one, take it out, change it, and set it again; or make it a
 * managed object itself.
 *
 * Python: `multiprocessing.managers.SyncManager`.
 *
 * @example
 * ```ts
 * const manager = await Manager();
 * const dict = await manager.dict<string, number>([['a', 1]]);
 * await dict.set('b', 2);
 * console.log(dict.sync.get('b')); // => 2
 * ```
 */
export class SyncManager extends BaseManager {
  /** @internal */
  static override types: Registry = new Map([...BUILT_INS].filter(([typeid]) => typeid !== 'SharedMemory'));

  /** A dict, with the methods of Map. */
  dict<K = unknown, V = unknown>(init?: DictInit<K, V> | DictProxy<K, V>): Promise<DictProxy<K, V>> {
    return this.#make('dict', init);
  }

  /** A list, with the methods of Array. */
  list<T = unknown>(init?: Iterable<T> | ListProxy<T>): Promise<ListProxy<T>> {
    return this.#make('list', init);
  }

  /** A set, with the methods of Set. */
  set<T = unknown>(init?: Iterable<T> | SetProxy<T>): Promise<SetProxy<T>> {
    return this.#make('set', init);
  }

  /** Named values. */
  Namespace<T extends object = Record<string, unknown>>(init?: Partial<T>): Promise<NamespaceProxy<T>> {
    return this.#make('Namespace', init);
  }

  /** One value. */
  Value<T = unknown>(typecode: string, value: T): Promise<ValueProxy<T>> {
    return this.#make('Value', typecode, value);
  }

  /** An array of fixed length. */
  Array<T = unknown>(typecode: string, items: Iterable<T>): Promise<ArrayProxy<T>> {
    return this.#make('Array', typecode, items);
  }

  /** A queue of at most `maxSize` items; 0: of any number. */
  Queue<T = unknown>(maxSize?: number): Promise<QueueProxy<T>> {
    return this.#make('Queue', maxSize);
  }

  /** The same: every managed queue has `taskDone` and `join`. */
  JoinableQueue<T = unknown>(maxSize?: number): Promise<QueueProxy<T>> {
    return this.#make('JoinableQueue', maxSize);
  }

  /** A lock that is released when the process that holds it ends. */
  Lock(): Promise<LockProxy> {
    return this.#make('Lock');
  }

  /** A lock that its holder can take again; released when the process that holds it ends. */
  RLock(): Promise<RLockProxy> {
    return this.#make('RLock');
  }

  /** @param value - default 1 */
  Semaphore(value?: number): Promise<SemaphoreProxy> {
    return this.#make('Semaphore', value);
  }

  /** @param value - default 1 */
  BoundedSemaphore(value?: number): Promise<BoundedSemaphoreProxy> {
    return this.#make('BoundedSemaphore', value);
  }

  /** @param lock - of this manager. Default: a Lock of its own (Python: an RLock). */
  Condition(lock?: LockProxy | RLockProxy): Promise<ConditionProxy> {
    return this.#make('Condition', lock);
  }

  /** A flag that processes can set and wait for. */
  Event(): Promise<EventProxy> {
    return this.#make('Event');
  }

  /**
   * @param parties - how many have to come
   * @param action - an exported function that is called in the server before they pass
   * @param timeout - of waits that have none of their own
   */
  Barrier(parties: number, action?: (() => unknown) | null, timeout?: number): Promise<BarrierProxy> {
    return this.#make('Barrier', parties, action, timeout);
  }

  /**
   * A pool whose workers are children of the server.
   *
   * @param options - those of a Pool, or just the number of workers. Initializer and tasks are exported functions.
   */
  Pool(options?: ManagedPoolOptions | number): Promise<PoolProxy> {
    return this.#make('Pool', options);
  }

  /** The same, blocking the thread. */
  get sync(): SyncCreators {
    return new Proxy({} as SyncCreators, {
      get: (_, typeid) =>
        typeof typeid === 'string' && BUILT_INS.has(typeid)
          ? (...args: unknown[]) => this.createSync(typeid, ...trimmed(args))
          : undefined,
    });
  }

  async #make<P>(typeid: string, ...args: unknown[]): Promise<P> {
    return (await this.create(typeid, ...trimmed(args))) as P;
  }
}

Object.defineProperty(SyncManager, OURS, { value: true });

/** Without the arguments at the end that were not given. */
function trimmed(args: readonly unknown[]): unknown[] {
  return args.slice(0, args.findLastIndex((value) => value !== undefined) + 1);
}

/**
 * Starts a {@link SyncManager}.
 *
 * Python: `multiprocessing.Manager`.
 *
 * @example
 * ```ts
 * const manager = await Manager();
 * const lock = await manager.Lock();
 * await lock.withLock(() => console.log('one at a time'));
 * await manager.shutdown();
 * ```
 */
export async function Manager(options?: ManagerOptions): Promise<SyncManager> {
  const manager = new SyncManager(options);
  await manager.start();
  return manager;
}

/** {@link Manager}, blocking the thread. */
export function ManagerSync(options?: ManagerOptions): SyncManager {
  const manager = new SyncManager(options);
  manager.startSync();
  return manager;
}
