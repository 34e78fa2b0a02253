import { ERROR_BASES, type Tree } from '../format.ts';
import { construct, corrupt, type Escape, integer, type NewTarget, text } from './checks.ts';
import { setFields } from './fields.ts';
import type { Reviver } from './reviver.ts';

/** A real error of the nearest built-in class, made without the constructor of the user. */
export function makeError(_reviver: Reviver, node: Escape): object {
  const name = ERROR_BASES[integer(node[2])] ?? corrupt('it has an error of an unknown class');
  // Node 22 has no SuppressedError.
  const Base = ((globalThis as Record<string, unknown>)[name] ?? Error) as typeof Error;
  const newTarget: NewTarget = undefined;
  return withoutStack(() => construct(Base, name === 'AggregateError' ? [[]] : [], newTarget));
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
