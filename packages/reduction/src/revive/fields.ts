import type { Tree } from '../format.ts';
import { corrupt } from './checks.ts';
import type { Reviver } from './reviver.ts';

/** Sets own properties as data, whatever setters the prototype has: no code of the user runs. */
export function setFields(reviver: Reviver, object: object, fields: Tree, enumerable = true): void {
  if (Array.isArray(fields)) {
    if (fields.length % 2 !== 0) corrupt('a property has no value');
    for (let i = 0; i < fields.length; i += 2) {
      const key = reviver.value(fields[i]);
      if (typeof key !== 'string' && typeof key !== 'symbol') corrupt('the name of a property is none');
      setField(object, key as string, reviver.value(fields[i + 1]), enumerable);
    }
  } else if (typeof fields === 'object' && fields !== null && !(fields instanceof Uint8Array)) {
    for (const key of Object.keys(fields)) setField(object, key, reviver.value(fields[key]), enumerable);
  } else corrupt('the properties of an object are missing');
}

export function setField(object: object, key: string | symbol, value: unknown, enumerable = true): void {
  if (enumerable && !(key in object)) (object as Record<string | symbol, unknown>)[key] = value;
  else Object.defineProperty(object, key, { value, configurable: true, enumerable, writable: true });
}
