import { ManagedDict } from '../managed/dict.ts';
import { ManagedList } from '../managed/list.ts';
import { ManagedNamespace } from '../managed/namespace.ts';
import { ManagedSet } from '../managed/set.ts';
import { ManagedArray, ManagedValue } from '../managed/value.ts';
import type { Proxied } from '../proxied.ts';
import { type BaseProxy, callMethod, callMethodSync, type ProxyClass, type Valued } from './base-proxy.ts';
import { builtIn } from './built-in.ts';
import { SyncView } from './methods.ts';

/** Iterates over a copy: what `method` returns when the loop begins. */
const over = (
  method: string,
): { readonly proxy: object & ThisType<BaseProxy>; readonly sync: object & ThisType<SyncView> } => ({
  proxy: {
    async *[Symbol.asyncIterator](this: BaseProxy): AsyncGenerator<unknown> {
      yield* (await callMethod(this, method)) as unknown[];
    },
  },
  sync: {
    [Symbol.iterator](this: SyncView): Iterator<unknown> {
      return (callMethodSync(SyncView.proxyOf(this), method) as unknown[])[Symbol.iterator]();
    },
  },
});

type Iterating<P, T> = P & AsyncIterable<T> & { readonly sync: Iterable<T> };

/** A proxy of a {@link ManagedDict}. Iterating over it gives the entries that it has in the beginning. */
export type DictProxy<K = unknown, V = unknown> = Iterating<Proxied<ManagedDict<K, V>>, [K, V]> & Valued<Map<K, V>>;
export const DictProxy: ProxyClass = builtIn('DictProxy', ManagedDict, over('entries'));

/** A proxy of a {@link ManagedList}. Iterating over it gives the items that it has in the beginning. */
export type ListProxy<T = unknown> = Iterating<Proxied<ManagedList<T>>, T> & Valued<T[]>;
export const ListProxy: ProxyClass = builtIn('ListProxy', ManagedList, over('values'));

/** A proxy of a {@link ManagedSet}. Iterating over it gives the items that it has in the beginning. */
export type SetProxy<T = unknown> = Iterating<Proxied<ManagedSet<T>>, T> & Valued<Set<T>>;
export const SetProxy: ProxyClass = builtIn('SetProxy', ManagedSet, over('values'));

/** A proxy of a {@link ManagedArray}. Iterating over it gives the items that it has in the beginning. */
export type ArrayProxy<T = unknown> = Iterating<Proxied<ManagedArray<T>>, T> & Valued<T[]>;
export const ArrayProxy: ProxyClass = builtIn('ArrayProxy', ManagedArray, over('values'));

/** A proxy of a {@link ManagedValue}. Its blocking form also has the property `value`. */
export type ValueProxy<T = unknown> = Proxied<ManagedValue<T>> & Valued<T> & { readonly sync: { value: T } };
export const ValueProxy: ProxyClass = builtIn('ValueProxy', ManagedValue, {
  sync: {
    get value(): unknown {
      return callMethodSync(SyncView.proxyOf(this as unknown as SyncView), 'get');
    },
    set value(value: unknown) {
      callMethodSync(SyncView.proxyOf(this as unknown as SyncView), 'set', [value]);
    },
  },
});

/**
 * A proxy of a {@link ManagedNamespace}. Its blocking form has the named values as its properties:
 * `namespace.sync.x = 10`.
 */
export type NamespaceProxy<T extends object = Record<string, unknown>> = Omit<
  Proxied<ManagedNamespace<T>>,
  'get' | 'set' | 'sync'
> &
  BaseProxy &
  Valued<T> & {
    get<K extends keyof T & string>(name: K): Promise<T[K]>;
    set<K extends keyof T & string>(name: K, value: T[K]): Promise<void>;
    readonly sync: T;
  };
export const NamespaceProxy: ProxyClass = builtIn('NamespaceProxy', ManagedNamespace, {
  view: (proxy) => {
    const handler: ProxyHandler<object> = {
      get: (_, name) => (typeof name === 'string' ? callMethodSync(proxy, 'get', [name]) : undefined),
      set: (_, name, value) => {
        callMethodSync(proxy, 'set', [name, value]);
        return true;
      },
      has: (_, name) => typeof name === 'string' && (callMethodSync(proxy, 'has', [name]) as boolean),
      deleteProperty: (_, name) => {
        callMethodSync(proxy, 'delete', [name]);
        return true;
      },
      ownKeys: () => callMethodSync(proxy, 'keys') as string[],
      getOwnPropertyDescriptor: (_, name) => ({
        value: callMethodSync(proxy, 'get', [name]),
        configurable: true,
        enumerable: true,
        writable: true,
      }),
    };
    return new Proxy({}, handler);
  },
});
