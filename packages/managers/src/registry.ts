import type { ProxyClass } from './proxies/base-proxy.ts';

// biome-ignore lint/suspicious/noExplicitAny: a constructor of whatever the user has; its types are those of `register`.
export type AnyFunction = (...args: any[]) => unknown;
// biome-ignore lint/suspicious/noExplicitAny: likewise.
export type AnyConstructor = new (...args: any[]) => object;

/** A type that a manager can make objects of, or that results of methods become. */
export interface TypeEntry {
  /** Makes the object. Undefined: nothing can be created; for results of methods only. */
  readonly create: AnyFunction | AnyConstructor | undefined;
  /** The proxy class. */
  readonly proxyType: ProxyClass | undefined;
  /** The methods that clients may call. Undefined: all public ones of the object. */
  readonly exposed: readonly string[] | undefined;
  /** Which methods return proxies, and of which type, instead of copies. */
  readonly methodToTypeid: Readonly<Record<string, string>>;
}

export type Registry = ReadonlyMap<string, TypeEntry>;

/** Calls a function, constructs a class. */
export function make(create: AnyFunction | AnyConstructor, args: readonly unknown[]): unknown {
  return isClass(create) ? Reflect.construct(create, args) : Reflect.apply(create as AnyFunction, undefined, args);
}

/** A class cannot be called; its `prototype` cannot be assigned, as those of functions and generators can. */
export function isClass(create: AnyFunction | AnyConstructor): create is AnyConstructor {
  return Object.getOwnPropertyDescriptor(create, 'prototype')?.writable === false;
}
