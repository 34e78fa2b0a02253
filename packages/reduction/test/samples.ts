/** One of everything that can be pickled without a class or a function of the user. */
export interface Sample {
  readonly name: string;
  readonly make: () => unknown;
  /** structuredClone gives something else, for the reason given. */
  readonly unlikeStructuredClone?: string;
}

const sparse = (length: number, entries: Record<number, unknown>): unknown[] => {
  const array: unknown[] = Object.assign([], entries);
  array.length = length;
  return array;
};

const viewTypes = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;

export const samples: readonly Sample[] = [
  ...[
    undefined,
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    127,
    128,
    255,
    256,
    -32,
    -33,
    -128,
    -129,
    65_535,
    65_536,
    -32_769,
    2 ** 31,
    2 ** 32,
    -(2 ** 31) - 1,
  ]
    .concat([
      2 ** 53,
      -(2 ** 53),
      1e21,
      0.1,
      -0.5,
      Number.MIN_VALUE,
      Number.MAX_VALUE,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ])
    .map(
      (value): Sample => ({ name: `the primitive ${Object.is(value, -0) ? '-0' : String(value)}`, make: () => value }),
    ),
  ...[
    0n,
    -1n,
    1n,
    2n ** 63n - 1n,
    2n ** 63n,
    -(2n ** 63n),
    -(2n ** 63n) - 1n,
    2n ** 64n - 1n,
    2n ** 64n,
    -(2n ** 64n),
    2n ** 4096n + 1n,
    -(2n ** 4096n),
  ].map(
    (value): Sample => ({
      name: `the BigInt of ${value.toString(16).length} hex digits from ${String(value).slice(0, 20)}`,
      make: () => value,
    }),
  ),
  { name: 'the empty string', make: () => '' },
  { name: 'a short string', make: () => 'hello' },
  { name: 'a string of 40 characters', make: () => 'a'.repeat(40) },
  { name: 'a string with every length of UTF-8', make: () => 'aäあ😀\0\u{10ffff}' },
  { name: 'a string of 70,000 characters', make: () => 'xyé'.repeat(23_334) },
  { name: 'a lone high surrogate', make: () => 'a\ud800b' },
  { name: 'a lone low surrogate, long', make: () => `${'z'.repeat(100)}\udc00` },
  { name: 'a well-known symbol', make: () => Symbol.iterator, unlikeStructuredClone: 'refuses symbols' },
  { name: 'a registered symbol', make: () => Symbol.for('mp.test'), unlikeStructuredClone: 'refuses symbols' },
  {
    name: 'a registered symbol with a lone surrogate',
    make: () => Symbol.for('\ud800'),
    unlikeStructuredClone: 'refuses symbols',
  },
  { name: 'an empty array', make: () => [] },
  { name: 'an array of mixed values', make: () => [1, 'two', null, undefined, [3, { four: 4 }], true] },
  { name: 'an array that begins like an escape', make: () => [-32, 8, 'a', 'b'] },
  { name: 'an array that begins like an escape, beside a Map', make: () => [new Map(), [-32, 0, 0], [-32], [[-32]]] },
  { name: 'an array of 20 elements', make: () => Array.from({ length: 20 }, (_, i) => `element ${i}`) },
  { name: 'an array of 70,000 strings', make: () => Array.from({ length: 70_000 }, (_, i) => `${i}`) },
  { name: 'an array of holes', make: () => sparse(3, {}) },
  { name: 'an array with a hole in the middle', make: () => sparse(4, { 0: 'a', 1: { b: 1 }, 3: 'd' }) },
  { name: 'an array with a hole at the end', make: () => sparse(2, { 0: undefined }) },
  { name: 'an array of length 4,000,000,000', make: () => sparse(4_000_000_000, { 0: 'a', 3999999999: ['z'] }) },
  { name: 'an array of length 2 ** 32 - 1', make: () => sparse(2 ** 32 - 1, { 5: 5, 4294967294: 6 }) },
  { name: 'an array of 100 integers', make: () => Array.from({ length: 100 }, (_, i) => i * 40_000_000 - 2 ** 31) },
  { name: 'an array of 64 integers and a float', make: () => [...Array.from({ length: 64 }, (_, i) => i), 0.5] },
  {
    name: 'an array of 100 floats with -0, NaN and infinity',
    make: () => [-0, Number.NaN, Number.POSITIVE_INFINITY, ...Array.from({ length: 97 }, (_, i) => i / 7)],
  },
  { name: 'an array of 100 integers, one of them -0', make: () => [...Array.from({ length: 99 }, (_, i) => i), -0] },
  { name: 'an array of 100 numbers and a string', make: () => [...Array.from({ length: 100 }, (_, i) => i), 'end'] },
  {
    name: 'an array of 100 integers that begins like an escape',
    make: () => Array.from({ length: 100 }, (_, i) => i - 32),
  },
  {
    name: 'the result of a match',
    make: () => /(?<year>\d+)-(\d)?/d.exec('on 2026-x'),
    unlikeStructuredClone: 'gives `groups` a prototype',
  },
  {
    name: 'the strings of a template',
    make: () => ((strings: TemplateStringsArray, ..._values: unknown[]) => strings)`a${1}\n${2}`,
    unlikeStructuredClone: 'loses raw',
  },
  { name: 'an empty object', make: () => ({}) },
  { name: 'an object', make: () => ({ id: 7, name: 'seven', ok: true, v: [3], n: {} }) },
  { name: 'an object whose keys are numbers', make: () => ({ 7: 'a', 1: 'b', x: 'c', [-1]: 'd' }) },
  {
    name: 'an object with 20 keys',
    make: () => Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, i])),
  },
  {
    name: 'an object with 70,000 keys',
    make: () => Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i])),
  },
  {
    name: 'an object with an own __proto__',
    make: () => JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as unknown,
  },
  { name: 'an object with an own constructor', make: () => ({ constructor: 'mine', a: 1 }) },
  {
    name: 'an object with own names of methods',
    make: () => ({ toString: 1, hasOwnProperty: 2, valueOf: 3, toJSON: 4, length: 5 }),
  },
  { name: 'an object with a lone surrogate in a key', make: () => ({ '\udc00': 1, b: 2 }) },
  {
    name: 'an object with symbol keys',
    make: () => ({ [Symbol.for('mp.key')]: { a: 1 }, [Symbol.iterator]: 2, c: 3 }),
    unlikeStructuredClone: 'loses symbol keys',
  },
  {
    name: 'an object without prototype',
    make: () => Object.assign(Object.create(null) as object, { a: 1, ['__proto__']: 2 }),
    unlikeStructuredClone: 'gives it a prototype',
  },
  {
    name: 'a Map',
    make: () =>
      new Map<unknown, unknown>([
        ['a', 1],
        [{ key: true }, [1, 2]],
        [-0, Number.NaN],
        [undefined, null],
      ]),
  },
  { name: 'a Map with 100 entries', make: () => new Map(Array.from({ length: 100 }, (_, i) => [`key${i}`, { i }])) },
  { name: 'a Set', make: () => new Set<unknown>(['a', 1, { member: true }, undefined]) },
  { name: 'an empty Map and an empty Set', make: () => [new Map(), new Set()] },
  {
    name: 'a Map with own properties',
    make: () => Object.assign(new Map([[1, 2]]), { label: 'mine', self: [3] }),
    unlikeStructuredClone: 'loses them',
  },
  { name: 'a Date', make: () => new Date(1_700_000_000_123) },
  { name: 'a Date before 1970', make: () => new Date(-1) },
  { name: 'an invalid Date', make: () => new Date(Number.NaN) },
  {
    name: 'a RegExp with a lastIndex',
    make: () => Object.assign(/a(b)\/\d+/giu, { lastIndex: 7 }),
    unlikeStructuredClone: 'sets lastIndex to 0',
  },
  { name: 'an empty RegExp', make: () => /(?:)/ },
  {
    name: 'a URL',
    make: () => new URL('https://user:pass@example.com:8080/päth?q=1#hash'),
    unlikeStructuredClone: 'refuses or empties it',
  },
  {
    name: 'URLSearchParams',
    make: () =>
      new URLSearchParams([
        ['a', '1'],
        ['a', '2'],
        ['ü', '&'],
      ]),
    unlikeStructuredClone: 'refuses or empties it',
  },
  {
    name: 'boxed primitives',
    make: () => [Object(-0), Object(''), Object('text'), Object(true), Object(2n ** 70n)] as unknown,
  },
  {
    name: 'a boxed symbol',
    make: () => Object(Symbol.for('boxed')) as unknown,
    unlikeStructuredClone: 'refuses symbols',
  },
  {
    name: 'a boxed string with own properties',
    make: () => Object.assign(Object('abc') as object, { extra: 1 }),
    unlikeStructuredClone: 'loses them',
  },
  ...viewTypes.map((Type): Sample => ({ name: `a ${Type.name}`, make: () => new Type([1, 2, 250]) })),
  {
    name: 'a BigInt64Array and a BigUint64Array',
    make: () => [new BigInt64Array([-1n, 2n ** 62n]), new BigUint64Array([2n ** 64n - 1n])],
  },
  {
    name: 'a DataView',
    make: () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
    unlikeStructuredClone: 'keeps byteOffset',
  },
  {
    name: 'a small Buffer',
    make: () => Buffer.from('small, from the pool'),
    unlikeStructuredClone: 'makes it a Uint8Array',
  },
  { name: 'an empty Buffer', make: () => Buffer.alloc(0), unlikeStructuredClone: 'makes it a Uint8Array' },
  {
    name: 'a large Buffer',
    make: () => Buffer.alloc(100_000, 'large'),
    unlikeStructuredClone: 'makes it a Uint8Array',
  },
  { name: 'an ArrayBuffer', make: () => new Uint8Array([5, 6, 7]).buffer },
  { name: 'an empty ArrayBuffer', make: () => new ArrayBuffer(0) },
  { name: 'a resizable ArrayBuffer', make: () => new ArrayBuffer(4, { maxByteLength: 16 }) },
  {
    name: 'a view that tracks a resizable ArrayBuffer',
    make: () => new Uint16Array(new ArrayBuffer(8, { maxByteLength: 64 })),
  },
  {
    name: 'views that share an ArrayBuffer',
    make: () => {
      const m = new Uint8Array(32).map((_, i) => i).buffer;
      return [new Float64Array(m, 8, 2), new Uint8Array(m, 3, 9), new Int16Array(m, 10, 3)];
    },
  },
  {
    name: 'an ArrayBuffer and its views',
    make: () => {
      const m = new Uint8Array(16).map((_, i) => i).buffer;
      return { view: new Int32Array(m, 4, 2), m, again: new DataView(m) };
    },
  },
  { name: 'an Error', make: () => new Error('message') },
  { name: 'an Error without message', make: () => new Error(undefined) },
  {
    name: 'an Error with a cause and fields',
    make: () =>
      Object.assign(new RangeError('r', { cause: new TypeError('t', { cause: 'string' }) }), {
        code: 'E_X',
        info: { a: [1] },
      }),
    unlikeStructuredClone: 'loses the fields',
  },
  {
    name: 'an error of Node',
    make: () => {
      try {
        return Buffer.alloc('x' as never);
      } catch (error) {
        return Object.setPrototypeOf(error, TypeError.prototype) as unknown;
      }
    },
    unlikeStructuredClone: 'loses the fields',
  },
  {
    name: 'an AggregateError',
    make: () => new AggregateError([new Error('1'), 2], 'several'),
    unlikeStructuredClone: 'loses the errors',
  },
  {
    name: 'an AbortError',
    make: () => AbortSignal.abort().reason as unknown,
    unlikeStructuredClone: 'loses the stack',
  },
  {
    name: 'a DOMException with a cause',
    make: () => new DOMException('m', { name: 'DataCloneError', cause: { a: 1 } } as never),
    unlikeStructuredClone: 'loses the cause',
  },
  {
    name: 'an Error in a cycle with its cause',
    make: () => {
      const e = new Error('e');
      e.cause = { e };
      return e;
    },
    unlikeStructuredClone: 'depends on the version',
  },
];
