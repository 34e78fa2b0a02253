import type { PythonType } from './types.ts';

/**
 * The functions of Python that the plain types need in older protocols: `bytes` in protocol 2, `set` in 2 and 3,
 * `bytearray` below 5. They are names for data here, and nothing else.
 */

const refuse = (name: string): never => {
  throw new TypeError(`the arguments of ${name} are not those of a pickle`);
};

const NOTHING = new Uint8Array(0);
const LATIN1: readonly unknown[] = ['latin1', 'latin-1'];

function encode([text, encoding]: readonly unknown[]): Uint8Array {
  if (typeof text !== 'string' || !LATIN1.includes(encoding)) return refuse('_codecs.encode');
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return refuse('_codecs.encode');
    bytes[i] = code;
  }
  return bytes;
}

function bytesOf(args: readonly unknown[]): Uint8Array {
  if (args.length === 0) return NOTHING.slice();
  if (args.length === 1 && args[0] instanceof Uint8Array) return args[0];
  return encode(args);
}

function itemsOf(args: readonly unknown[]): Set<unknown> {
  const [items] = args;
  if (args.length > 1 || (items !== undefined && !Array.isArray(items))) return refuse('set');
  return new Set(items as unknown[] | undefined);
}

const set: PythonType = { make: itemsOf };
const frozenset: PythonType = { make: (args) => Object.freeze(itemsOf(args)) };
const bytes: PythonType = { make: bytesOf };

export const PLAIN_CONSTRUCTORS: ReadonlyMap<string, PythonType> = new Map([
  ['_codecs.encode', { make: encode }],
  ['builtins.bytes', bytes],
  ['__builtin__.bytes', bytes],
  ['builtins.bytearray', bytes],
  ['__builtin__.bytearray', bytes],
  ['builtins.set', set],
  ['__builtin__.set', set],
  ['builtins.frozenset', frozenset],
  ['__builtin__.frozenset', frozenset],
]);
