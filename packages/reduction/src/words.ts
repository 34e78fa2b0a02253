import types from 'node:util/types';

export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** Whatever was thrown, in a line. It may be hostile itself. */
export function inWords(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  } catch {
    return 'something that cannot be shown';
  }
}

/** What a value is called in an error: `typeof`, or the name of its class. Runs no code of the user. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (types.isProxy(value)) return 'Proxy';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || types.isProxy(prototype)) return 'object';
  const maker = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown;
  if (typeof maker !== 'function' || types.isProxy(maker)) return 'object';
  const name = Object.getOwnPropertyDescriptor(maker, 'name')?.value as unknown;
  return typeof name === 'string' && name !== '' ? name : 'object';
}
