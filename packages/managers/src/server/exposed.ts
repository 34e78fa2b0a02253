import { inspect } from 'node:util';

/** They mean something else on a proxy, or would make promises of it. */
const NEVER = new Set(['constructor', 'then', 'sync', '__proto__']);

/**
 * The methods of an object that clients may call unless told otherwise: all of its class and of the classes above,
 * up to the built-in ones, but those that begin with an underscore; of a plain object, or the namespace of a module,
 * its own functions.
 */
export function publicMethods(object: object): string[] {
  const names = new Set<string>();
  for (let level: object | null = object; level !== null && !isRoot(level); level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name.startsWith('_') || NEVER.has(name)) continue;
      if (typeof Object.getOwnPropertyDescriptor(level, name)?.value === 'function') names.add(name);
    }
  }
  return [...names];
}

const isRoot = (level: object): boolean => level === Object.prototype || level === Function.prototype;

/**
 * @param what - which list it is, for the error
 * @throws TypeError if it is no list, and for names that a proxy cannot have
 */
export function checkExposed(what: string, exposed: readonly string[] | undefined): readonly string[] | undefined {
  if (exposed === undefined) return undefined;
  if (!Array.isArray(exposed)) {
    throw new TypeError(`${what} is ${inspect(exposed)}: it must be a list of names such as ['add', 'mul'].`);
  }
  for (const name of exposed as readonly unknown[]) {
    if (typeof name !== 'string') {
      throw new TypeError(`${what} contains ${inspect(name, { depth: 0 })}: it must consist of names of methods.`);
    }
    if (name === '' || NEVER.has(name) || name.startsWith('#')) {
      throw new TypeError(`${what} contains '${name}', which cannot be a method of a proxy.`);
    }
  }
  return [...exposed];
}
