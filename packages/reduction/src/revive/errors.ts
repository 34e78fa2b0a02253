import { ERROR_BASES, type Tree } from '../format.ts';
import { construct, corrupt, type Escape, integer, type NewTarget, text } from './checks.ts';
import { setField, setFields } from './fields.ts';
import type { Reviver } from './reviver.ts';

/** A real error of the nearest built-in class, made without the constructor of the user. */
export function makeError(reviver: Reviver, node: Escape): object {
  const name = ERROR_BASES[integer(node[2])] ?? corrupt('it has an error of an unknown class');
  // Node 22 has no SuppressedError.
  const Base = ((globalThis as Record<string, unknown>)[name] ?? Error) as typeof Error;
  const Class = node[3] === null ? undefined : reviver.errorClass(integer(node[3]));
  const args = name === 'AggregateError' ? [[]] : [];
  const error = withoutStack(() => construct(Base, args, typeof Class === 'function' ? Class : undefined));
  if (typeof Class === 'string' && Class !== '') setField(error, 'name', Class, false);
  return error;
}

export function makeDomException(reviver: Reviver, node: Escape, newTarget: NewTarget): object {
  const message = reviver.value(node[2]);
  const name = reviver.value(node[3]);
  return withoutStack(() => construct(DOMException, [text(message as string), text(name as string)], newTarget));
}

export function fillError(reviver: Reviver, hidden: Tree, fields: Tree, error: object): void {
  setFields(reviver, error, hidden, false);
  setFields(reviver, error, fields);
}

/** The stack of the sender takes its place; finding out our own would be the dearest part of making the error. */
function withoutStack(make: () => object): object {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 0;
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
