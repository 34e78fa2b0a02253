import type { BaseManager } from './base-manager.ts';
import type { ManagerOptions } from './options.ts';
import type { ProxyOf } from './proxied.ts';
import type { BaseProxy } from './proxies/base-proxy.ts';
import type { AnyConstructor, AnyFunction } from './registry.ts';

/** A class of managers, with what was registered. */
export interface ManagerClass<M extends BaseManager> {
  new (options?: ManagerOptions): M;
  /** Of managers of this class. */
  readonly prototype: M;
  register: typeof BaseManager.register;
}

/** What a manager has for a type: a method that makes such an object and gives a proxy of it. */
export type Creating<C, P, E extends string = string, S extends string = never> = C extends new (
  ...args: infer A extends readonly unknown[]
) => infer T
  ? (...args: A) => Promise<unknown extends P ? ProxyOf<T, E, S> : P>
  : C extends (...args: infer A extends readonly unknown[]) => infer R
    ? (...args: A) => Promise<unknown extends P ? ProxyOf<Awaited<R>, E, S> : P>
    : never;

/** A proxy of an object of type `T`; of any proxy, if that is not known. */
export type Created<T> = unknown extends T ? BaseProxy : ProxyOf<T>;

/** {@link RegisterOptions} with the types of the objects. */
export interface TypedRegistration<
  C extends AnyConstructor | AnyFunction,
  P,
  E extends string = string,
  S extends string = never,
> {
  readonly create: C;
  readonly proxyType?: (new (...args: never[]) => P) | undefined;
  readonly exposed?: readonly E[] | undefined;
  readonly methodToTypeid?: Readonly<Record<S, string>> | undefined;
}
