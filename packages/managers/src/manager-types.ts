import type { BaseManager } from './base-manager.ts';
import type { ManagerOptions } from './options.ts';
import type { IteratorProxy, Proxied } from './proxied.ts';
import type { AnyConstructor, AnyFunction } from './registry.ts';

/** A class of managers, with what was registered. */
export interface ManagerClass<M extends BaseManager> {
  new (options?: ManagerOptions): M;
  readonly prototype: M;
  register: typeof BaseManager.register;
}

type ProxyOf<T> =
  T extends Iterator<infer I, unknown, unknown>
    ? IteratorProxy<I>
    : T extends AsyncIterator<infer I, unknown, unknown>
      ? IteratorProxy<I>
      : Proxied<T>;

/** What a manager has for a type: a method that makes such an object and gives a proxy of it. */
export type Creating<C, P> = C extends new (
  ...args: infer A
) => infer T
  ? (...args: A) => Promise<unknown extends P ? ProxyOf<T> : P>
  : C extends (...args: infer A) => infer R
    ? (...args: A) => Promise<unknown extends P ? ProxyOf<Awaited<R>> : P>
    : never;

/** {@link RegisterOptions} with the types of the objects. */
export interface TypedRegistration<C extends AnyConstructor | AnyFunction, P> {
  readonly create: C;
  readonly proxyType?: (new (...args: never[]) => P) | undefined;
}
