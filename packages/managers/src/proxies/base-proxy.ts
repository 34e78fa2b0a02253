import { inspect } from 'node:util';
import type { WaitOptions } from '@mp/native';
import { type Reference, TEXT_OF, VALUE_OF } from '../reference.ts';

/** A class of proxies. Made by the library; a class of your own is derived from {@link BaseProxy}. */
export interface ProxyClass {
  new (reference: Reference, options?: WaitOptions): BaseProxy;
  /** The methods that it needs; those of the type if it does not say. Python: `_exposed_`. */
  readonly exposed?: readonly string[] | undefined;
  /** Which of them return proxies, and of which type. Python: `_method_to_typeid_`. */
  readonly methodToTypeid?: Readonly<Record<string, string>> | undefined;
}

/**
 * Stands for an object in the server of a manager. It can be sent anywhere, in any message: what arrives stands for the
 * same object. The object lives as long as a proxy of it does.
 *
 * Its methods are those of the object and return promises; those of `sync` block the thread. A proxy is not equal to
 * another one of the same object, nor to the object.
 *
 * It is released when it is collected, when its process ends, or by `Symbol.dispose`.
 *
 * Python: `multiprocessing.managers.BaseProxy`.
 *
 * @example
 * ```ts
 * class CounterProxy extends BaseProxy {
 *   static readonly exposed = ['increment'];
 *   increment(): Promise<number> {
 *     return callMethod(this, 'increment') as Promise<number>;
 *   }
 * }
 * ```
 */
export class BaseProxy implements Disposable {
  readonly #reference: Reference;
  readonly #options: WaitOptions | undefined;

  /** @internal Proxies are made by the server of a manager. */
  constructor(reference: Reference, options?: WaitOptions) {
    this.#reference = reference;
    this.#options = options;
  }

  /** Releases the object: this proxy cannot be used any more. Others of it can. */
  [Symbol.dispose](): void {
    this.#reference.release();
  }

  /** As text, too, it shows only that it is a proxy: what its object would say takes a call. */
  [Symbol.toPrimitive](): string {
    return this[inspect.custom]();
  }

  [inspect.custom](): string {
    return `<${this.constructor.name} object, typeid '${this.#reference.typeid}'>`;
  }

  /** @internal */
  static reference(proxy: BaseProxy): Reference {
    return proxy.#reference;
  }

  /** @internal */
  static options(proxy: BaseProxy): WaitOptions | undefined {
    return proxy.#options;
  }

  /** @internal */
  static is(value: unknown): value is BaseProxy {
    return typeof value === 'object' && value !== null && #reference in value;
  }
}

/** Of a proxy: how it reaches its object. Undefined for anything else. */
export const referenceOf = (value: unknown): Reference | undefined =>
  BaseProxy.is(value) ? BaseProxy.reference(value) : undefined;

function demandReference(proxy: BaseProxy, what: string): Reference {
  const reference = referenceOf(proxy);
  if (reference !== undefined) return reference;
  throw Object.assign(new TypeError(`${what}: ${inspect(proxy)} is no proxy of a managed object.`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

/**
 * Calls a method of the object that a proxy stands for, by its name.
 *
 * Python: `proxy._callmethod(name, args)`.
 *
 * @throws RemoteError if the method is not exposed; what the method throws
 *
 * @example
 * ```ts
 * await callMethod(list, 'slice', [2, 7]);
 * ```
 */
export function callMethod(
  proxy: BaseProxy,
  method: string,
  args: readonly unknown[] = [],
  options: WaitOptions | undefined = BaseProxy.is(proxy) ? BaseProxy.options(proxy) : undefined,
): Promise<unknown> {
  return demandReference(proxy, 'callMethod').call(method, args, options);
}

/** {@link callMethod}, blocking the thread. */
export function callMethodSync(
  proxy: BaseProxy,
  method: string,
  args: readonly unknown[] = [],
  options: { readonly timeout?: number | undefined } | undefined = BaseProxy.is(proxy)
    ? BaseProxy.options(proxy)
    : undefined,
): unknown {
  return demandReference(proxy, 'callMethodSync').callSync(method, args, options);
}

/**
 * The methods of the object that a proxy stands for that may be called.
 *
 * Python: `proxy._exposed_`.
 *
 * @example
 * ```ts
 * exposedMethods(await manager.Maths()); // ['add', 'mul']
 * ```
 */
export function exposedMethods(proxy: BaseProxy): readonly string[] {
  return [...demandReference(proxy, 'exposedMethods').exposed];
}

declare const VALUE: unique symbol;

/** For types only: what {@link getValue} gives of a proxy. */
export interface Valued<V> {
  readonly [VALUE]?: V;
}

/**
 * A copy of the object that a proxy stands for: of a managed dict a Map, of a list an array, of a set a Set, of anything
 * else what its pickle gives.
 *
 * Python: `proxy._getvalue()`, `copy.deepcopy(proxy)`.
 *
 * @example
 * ```ts
 * const map = await getValue(await manager.dict([['a', 1]])); // Map { 'a' => 1 }
 * ```
 */
export function getValue<V = unknown>(proxy: BaseProxy & Valued<V>, options?: WaitOptions): Promise<V> {
  return demandReference(proxy, 'getValue').call(VALUE_OF, [], options) as Promise<V>;
}

/** {@link getValue}, blocking the thread. */
export function getValueSync<V = unknown>(
  proxy: BaseProxy & Valued<V>,
  options?: { readonly timeout?: number | undefined },
): V {
  return demandReference(proxy, 'getValueSync').callSync(VALUE_OF, [], options) as V;
}

/**
 * How the object that a proxy stands for looks when printed. Printing the proxy itself shows only that it is one.
 *
 * Python: `str(proxy)`.
 */
export function describe(proxy: BaseProxy, options?: WaitOptions): Promise<string> {
  return demandReference(proxy, 'describe').call(TEXT_OF, [], options) as Promise<string>;
}
