import type { RegisterOptions } from './options.ts';
import { registerProxyType } from './pickling.ts';
import { BaseProxy, type ProxyClass } from './proxies/base-proxy.ts';
import type { Registry, TypeEntry } from './registry.ts';
import { checkExposed } from './server/exposed.ts';

/** Marks the classes of managers of this package. @internal */
export const OURS: unique symbol = Symbol('a class of @mp/managers');

/** A class of managers, with what was registered with itself. */
export interface WithTypes {
  types: Registry;
}

/** What was registered with a class, and with those that it is derived from. */
export function typesOf(Class: WithTypes): Registry {
  const above = Object.getPrototypeOf(Class) as WithTypes | null;
  const inherited = above === null || (above as unknown) === Function.prototype ? [] : typesOf(above);
  return new Map([...inherited, ...ownTypes(Class)]);
}

export function addType(Class: WithTypes, typeid: string, entry: TypeEntry): void {
  Class.types = new Map([...ownTypes(Class), [typeid, entry]]);
}

const ownTypes = (Class: WithTypes): Iterable<[string, TypeEntry]> =>
  Object.hasOwn(Class, 'types') ? Class.types : [];

/** A class of the same name, to be changed instead of one of ours. */
export function derive<C extends new (...args: never[]) => object>(Parent: C): C {
  const Class = class extends (Parent as unknown as new (...args: unknown[]) => object) {};
  Object.defineProperty(Class, 'name', { value: Parent.name });
  return Class as unknown as C;
}

/**
 * What is registered, checked.
 *
 * @param members - what managers have already
 */
export function entryOf(typeid: string, options: RegisterOptions, members: object): TypeEntry {
  const { create, proxyType, exposed, methodToTypeid = {} } = options;
  if (typeof typeid !== 'string' || typeid === '' || typeid in members) {
    throw new TypeError(`register: '${String(typeid)}' cannot be the name of a type: managers have such a member.`);
  }
  if (create !== undefined && typeof create !== 'function') {
    throw new TypeError(`register('${typeid}'): create must be a class or a function.`);
  }
  if (proxyType !== undefined) {
    if (typeof proxyType !== 'function' || !(proxyType.prototype instanceof BaseProxy)) {
      throw new TypeError(`register('${typeid}'): proxyType must be a class derived from BaseProxy.`);
    }
    registerProxyType(proxyType as unknown as ProxyClass);
  }
  return {
    create: create as TypeEntry['create'],
    proxyType: proxyType as unknown as ProxyClass | undefined,
    exposed: checkExposed(typeid, exposed),
    methodToTypeid: { ...methodToTypeid },
  };
}
