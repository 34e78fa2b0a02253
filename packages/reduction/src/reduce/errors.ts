import { ERROR_BASES, ESCAPE, Kind, type Tree } from '../format.ts';
import { symbolsOf } from './fields.ts';
import { classReference, hasClassReference } from './instances.ts';
import { isNative, ownConstructor } from './realms.ts';
import type { Reducer } from './reducer.ts';

/**
 * Errors always arrive. What of an error cannot travel is replaced by words that say so, a class that cannot be named
 * by the nearest built-in one; anything else would hide the error behind a complaint about it.
 */
export function reduceError(reducer: Reducer, error: Error): Tree {
  const { base, home } = baseOf(error);
  const prototype = Object.getPrototypeOf(error) as object | null;
  const isOfClass = prototype !== null && prototype !== home && hasClassReference(prototype, home);
  const hidden = propertiesOf(reducer, error, false);
  const fields = propertiesOf(reducer, error, true);
  // Without its class the error would forget what it was called.
  if (prototype !== home && !isOfClass && !Object.hasOwn(error, 'name')) {
    const name = readSafely(error, 'name');
    if (typeof name === 'string' && name.isWellFormed()) hidden.push('name', name);
  }
  return [ESCAPE, Kind.Error, base, isOfClass ? classReference(reducer, error, prototype, home) : null, hidden, fields];
}

export function reduceDomException(reducer: Reducer, error: DOMException): Tree {
  const message = reducer.reduce(error.message);
  const name = reducer.reduce(error.name);
  return [
    ESCAPE,
    Kind.DOMException,
    message,
    name,
    propertiesOf(reducer, error, false),
    propertiesOf(reducer, error, true),
  ];
}

/** The built-in class that the error is derived from; of another realm, by its name. */
function baseOf(error: Error): { base: number; home: object } {
  let home = Object.getPrototypeOf(error) as object | null;
  for (; home !== null; home = Object.getPrototypeOf(home) as object | null) {
    const maker = ownConstructor(home);
    if (typeof maker !== 'function' || !isNative(maker)) continue;
    const base = ERROR_BASES.indexOf(maker.name as (typeof ERROR_BASES)[number]);
    if (base >= 0) return { base, home };
  }
  return { base: 0, home: Error.prototype };
}

/** Own properties, by whether a loop would see them: message, stack and cause are not seen, and arrive so. */
function propertiesOf(reducer: Reducer, error: object, enumerable: boolean): Tree[] {
  const tree: Tree[] = [];
  for (const key of Object.getOwnPropertyNames(error)) {
    if (Object.prototype.propertyIsEnumerable.call(error, key) !== enumerable) continue;
    tree.push(reducer.reduce(key), attemptProperty(reducer, error, key));
  }
  if (!enumerable) return tree;
  for (const symbol of symbolsOf(error)) {
    const key = Symbol.keyFor(symbol) === undefined ? `[${String(symbol)}]` : symbol;
    tree.push(reducer.reduce(key), attemptProperty(reducer, error, symbol));
  }
  return tree;
}

function attemptProperty(reducer: Reducer, error: object, key: string | symbol): Tree {
  return reducer.attempt(error, key, (failure) => `[not picklable: ${failure.message}]`.toWellFormed());
}

function readSafely(object: object, key: string): unknown {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
