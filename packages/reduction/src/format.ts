/**
 * What a pickled message looks like.
 *
 * ```text
 *  PLAIN    'P' │ value                                   strings, numbers, arrays, plain objects, small Buffers:
 *                                                         decoded by msgpackr, and that is all
 *
 *  GRAPH    'G' │ references │ [ memories, root, part, part … ]
 *                     │             │         │     └ contents of objects nested too deeply to stand in their place
 *                     │             │         └ the value; whatever MessagePack cannot say is an escape
 *                     │             └ nil, or one entry for each ArrayBuffer: its bytes, or the number of the
 *                     │               buffer beside the message that holds them
 *                     └ nil, or [ [ module URL … ], [ entry … ] ]: every module, function and class that the
 *                       message needs. It stands in front so that the receiver loads them before it decodes.
 *
 *  escape       [ -32, kind, … ]       an array of the user's that begins with -32 is itself escaped (Kind.Array)
 * ```
 *
 * Everything behind the first byte is ordinary MessagePack without extension types, but for `d4 00 00`, which is
 * msgpackr's `undefined`.
 *
 * Objects are numbered in the order in which they are met, containers before their contents, escapes included;
 * `[-32, Kind.Reference, n]` is the n-th object again. Both sides count alike, so no number is written but where one
 * is needed. What is not an object (symbols, -0, references to functions) is not counted.
 *
 * Why -32 and not msgpackr's `C1` constant: writing `C1` goes through msgpackr's table of extension classes and costs
 * 175 ns more for each escape (measured: `[C1, 3, 1, i]` 253 ns, `[-32, 3, 1, i]` 79 ns). Both take one byte.
 */

/** First byte of a message without escapes. */
export const PLAIN = 0x50;

/** First byte of a message with a reference table, shared memory and escapes. */
export const GRAPH = 0x47;

/** First element of every escape: the rarest number that MessagePack writes in one byte. */
export const ESCAPE = -32;

/** What an escape stands for. The numbers are the wire format: new kinds are added at the end. */
export const Kind = {
  /** `number`: the object with that number, once more */
  Reference: 0,
  /** the contents of this object are the next part that nobody has claimed yet */
  Later: 1,
  /** `...elements`: an array that begins with -32, or the base of a subclass of Array */
  Array: 2,
  /** `length, key, value …`: an array with holes or named properties; an index is a number, a name a string, nil a hidden `raw` */
  Sparse: 3,
  /** `bytes`: an ordinary array, all of int32 */
  Int32Numbers: 4,
  /** `bytes`: an ordinary array, all of float64 */
  Float64Numbers: 5,
  /** `fields`: a plain object whose keys MessagePack or msgpackr cannot carry */
  Object: 6,
  /** `fields`: an object without a prototype */
  NullPrototype: 7,
  /** `key, value …` */
  Map: 8,
  /** `...members` */
  Set: 9,
  /** -0 */
  NegativeZero: 10,
  /** `bytes`: a string with lone surrogates, as UTF-16LE */
  Utf16: 11,
  /** `hexadecimal digits`: a BigInt beyond 64 bits */
  BigInt: 12,
  /** `name`: a symbol that every realm has, `Symbol[name]` */
  WellKnownSymbol: 13,
  /** `key`: `Symbol.for(key)` */
  RegisteredSymbol: 14,
  /** `milliseconds`, nil for an invalid date */
  Date: 15,
  /** `source, flags, lastIndex` */
  RegExp: 16,
  /** `href` */
  URL: 17,
  /** `query` */
  URLSearchParams: 18,
  /** `primitive`: `Object(primitive)` */
  Boxed: 19,
  /** `memory`: a whole ArrayBuffer */
  ArrayBuffer: 20,
  /** `type, memory, byteOffset, length`: length in elements, -1 for "as long as the buffer is" */
  View: 21,
  /** `base, class, hidden fields, fields`: base is an index of {@link ERROR_BASES}, class a reference or nil */
  Error: 22,
  /** `message, name, hidden fields, fields` */
  DOMException: 23,
  /** `reference`: a function, a class or a built-in namespace, by its place in the reference table */
  Named: 24,
  /** `reference, fields`: an instance of a class of the user */
  Instance: 25,
  /** `reference | nil, escape, fields | nil`: the escape's value made for a subclass, or with own properties */
  Extended: 26,
  /** `reference, data`: what the registered `rebuild` makes of the data */
  Rebuilt: 27,
  /** `function, ...captured`: made by `callable` */
  Callable: 28,
} as const;

export type Kind = (typeof Kind)[keyof typeof Kind];

/**
 * What msgpackr is given, and what it gives back. In a plain message the value itself has this form.
 *
 * `fields` of an escape are either a map, or, where a key is a symbol, has lone surrogates or is one that msgpackr
 * treats specially, a flat array `[key, value, …]`.
 */
export type Tree =
  | null
  | undefined
  | boolean
  | number
  | string
  | bigint
  | Uint8Array
  | Tree[]
  | { [key: string]: Tree };

/** The order is the wire format: new names are added at the end. */
export const VIEW_TYPES = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
  'Buffer',
  'Float16Array',
] as const;

/** The built-in error classes: what every other error is degraded to. The order is the wire format. */
export const ERROR_BASES = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'SuppressedError',
] as const;

/** The array whose elements are all numbers travels as one block of memory from this length on: 1 to 5 ns an element instead of 25. */
export const NUMERIC_BLOCK = 64;

/**
 * From this depth on the contents of an object move to a part of their own. msgpackr packs 1,240 nested objects before
 * the default stack overflows, an object may take three levels, and the caller is somewhere down the stack already.
 */
export const NEST = 100;

/** Data that must be complete before its object can be made (`rebuild`) cannot move to another part: refused from here on. */
export const DEEPEST = 250;

export const MIN_INT64: bigint = -(2n ** 63n);
export const MAX_UINT64: bigint = 2n ** 64n - 1n;
