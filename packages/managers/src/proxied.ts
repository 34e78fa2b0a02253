import type { BaseProxy } from './proxies/base-proxy.ts';
import type { AnyFunction } from './registry.ts';

/** By `as`, or those of an array would be mapped as an array is. */
type Methods<T> = keyof {
  [K in keyof T as T[K] extends AnyFunction
    ? Exclude<K, symbol | number | 'constructor' | 'then' | 'sync'>
    : never]: unknown;
};

/**
 * The methods of `T` that clients may call: those that are exposed; if nothing was said (`E` is `string`), all public ones
 * without an underscore in front.
 */
type ExposedMethods<T, E extends string> = string extends E
  ? Exclude<Methods<T>, `_${string}`>
  : Extract<Methods<T>, E>;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** What arrives of a result: iterators stay in the server, everything else comes as a copy. */
type Arriving<R> =
  IsAny<R> extends true
    ? R
    : R extends Generator<infer T, unknown, unknown> | AsyncGenerator<infer T, unknown, unknown>
      ? IteratorProxy<T>
      : R extends IterableIterator<infer T>
        ? IteratorProxy<T>
        : R extends AsyncIterableIterator<infer T>
          ? IteratorProxy<T>
          : R;

type Promising<F> = F extends (...args: infer A) => infer R ? (...args: A) => Promise<Arriving<Awaited<R>>> : never;
type Blocking<F> = F extends (...args: infer A) => infer R ? (...args: A) => Arriving<Awaited<R>> : never;

/** The methods of an object in another process, blocking the thread. */
export type SyncMethods<T, E extends string = string> = { readonly [K in ExposedMethods<T, E>]: Blocking<T[K]> };

/**
 * A proxy of an object of type `T`: its public methods, returning promises, and again under `sync`, blocking the thread.
 *
 * @typeParam E - the names of those that are exposed, if not all public ones are
 *
 * @example
 * ```ts
 * class Maths { add(a: number, b: number): number { return a + b; } }
 * declare const maths: Proxied<Maths>;
 * const seven: number = await maths.add(4, 3);
 * const eight: number = maths.sync.add(4, 4);
 * ```
 */
export type Proxied<T, E extends string = string> = BaseProxy & {
  readonly [K in ExposedMethods<T, E>]: Promising<T[K]>;
} & {
  readonly sync: SyncMethods<T, E>;
};

/** What is left of an iterator in another process. Ends it there when the loop is left. */
export type IteratorProxy<T = unknown> = BaseProxy &
  AsyncIterableIterator<T, void, undefined> & {
    /** The next one. */
    next(): Promise<IteratorResult<T, void>>;
    readonly sync: IterableIterator<T, void, undefined>;
  };
