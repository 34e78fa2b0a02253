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

/** A proxy of what is made or returned: of an iterator what is left of it, of anything else its methods. */
export type ProxyOf<T, E extends string = string, S extends string = never> =
  T extends Iterator<infer I, unknown, unknown>
    ? IteratorProxy<I>
    : T extends AsyncIterator<infer I, unknown, unknown>
      ? IteratorProxy<I>
      : Proxied<T, E, S>;

/** @typeParam Stays - whether the result stays in the server, and a proxy of it arrives */
type Result<R, Stays extends boolean> = Stays extends true ? ProxyOf<Awaited<R>> : Arriving<Awaited<R>>;

type Promising<F, Stays extends boolean = false> = F extends (...args: infer A extends readonly unknown[]) => infer R
  ? (...args: A) => Promise<Result<R, Stays>>
  : never;
type Blocking<F, Stays extends boolean = false> = F extends (...args: infer A extends readonly unknown[]) => infer R
  ? (...args: A) => Result<R, Stays>
  : never;

/** The methods of an object in another process, blocking the thread. */
export type SyncMethods<T, E extends string = string, S extends string = never> = {
  readonly [K in ExposedMethods<T, E>]: Blocking<T[K], K extends S ? true : false>;
};

/**
 * A proxy of an object of type `T`: its public methods, returning promises, and again under `sync`, blocking the thread.
 *
 * @typeParam E - the names of those that are exposed, if not all public ones are
 * @typeParam S - the names of those whose results stay in the server, as proxies: those of `methodToTypeid`
 *
 * @example
 * ```ts
 * class Maths { add(a: number, b: number): number { return a + b; } }
 * declare const maths: Proxied<Maths>;
 * const seven: number = await maths.add(4, 3);
 * const eight: number = maths.sync.add(4, 4);
 * ```
 */
export type Proxied<T, E extends string = string, S extends string = never> = BaseProxy & {
  readonly [K in ExposedMethods<T, E>]: Promising<T[K], K extends S ? true : false>;
} & {
  readonly sync: SyncMethods<T, E, S>;
};

/** What is left of an iterator in another process. Ends it there when the loop is left. */
export type IteratorProxy<T = unknown> = BaseProxy &
  AsyncIterableIterator<T, void, undefined> & {
    /** The next one. */
    next(): Promise<IteratorResult<T, void>>;
    readonly sync: IterableIterator<T, void, undefined>;
  };
