import type { Registry, TypeEntry } from './registry.ts';

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
