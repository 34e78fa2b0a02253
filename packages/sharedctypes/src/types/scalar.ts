/** The typecodes of Python's `array` and `multiprocessing.sharedctypes`, with the sizes that they have on Linux. */
export type TypeCode = keyof CodeValues;

/** What a single element of each typecode is in JavaScript. */
export interface CodeValues {
  /** char, 1 byte: a string of one character up to U+00FF. */
  c: string;
  /** wchar_t, 4 bytes: a string of one code point. */
  u: string;
  /** int8. */
  b: number;
  /** uint8. */
  B: number;
  /** int16. */
  h: number;
  /** uint16. */
  H: number;
  /** int32. */
  i: number;
  /** uint32. */
  I: number;
  /** int64, long. */
  l: bigint;
  /** uint64, unsigned long. */
  L: bigint;
  /** int64, long long. */
  q: bigint;
  /** uint64, unsigned long long. */
  Q: bigint;
  /** float32. */
  f: number;
  /** float64. */
  d: number;
}

/** What may be assigned: 64-bit integers also as numbers, chars also as one byte. */
export type CodeInput<T extends TypeCode> =
  | CodeValues[T]
  | (CodeValues[T] extends bigint ? number : never)
  | (T extends 'c' ? Uint8Array : never);

export type Cells =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

type CellsConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => Cells;

/** How one typecode lies in memory. */
export interface Scalar {
  readonly code: TypeCode;
  /** In bytes; it is aligned to that, too. */
  readonly size: number;
  /** Dense, for tables. */
  readonly id: number;
  readonly Cells: CellsConstructor;
  /** Integers are loaded and stored with Atomics: a loop that waits for one must see it change. */
  load(cells: Cells, index: number): number | bigint | string;
  /**
   * What is to be stored for a value of the user.
   *
   * @param wrap - take an integer that is too large modulo 2 to the number of bits, as C does
   * @throws TypeError, RangeError
   */
  check(value: unknown, wrap: boolean): number | bigint;
  /** @param value - what {@link check} has returned */
  store(cells: Cells, index: number, value: number | bigint): void;
}

type Integers = Int32Array<ArrayBuffer>;

const loadInteger = (cells: Cells, index: number): number => Atomics.load(cells as Integers, index);
const storeInteger = (cells: Cells, index: number, value: number | bigint): void => {
  Atomics.store(cells as Integers, index, value as number);
};
const storeFloat = (cells: Cells, index: number, value: number | bigint): void => {
  cells[index] = value as number;
};

function integer(code: TypeCode, size: number, signed: boolean, Cells: CellsConstructor): Omit<Scalar, 'id'> {
  const low = signed ? -(2 ** (8 * size - 1)) : 0;
  const high = signed ? 2 ** (8 * size - 1) - 1 : 2 ** (8 * size) - 1;
  const check = (value: unknown, wrap: boolean): number => {
    const number = typeof value === 'bigint' ? toNumber(value, size) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) return notOf(code, 'an integer', value);
    if (!wrap && (number < low || number > high)) return outside(code, value, `${low} to ${high}`);
    return number;
  };
  return { code, size, Cells, check, load: loadInteger, store: storeInteger };
}

function bigInteger(code: TypeCode, signed: boolean, Cells: CellsConstructor): Omit<Scalar, 'id'> {
  const low = signed ? -(2n ** 63n) : 0n;
  const high = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  const check = (value: unknown, wrap: boolean): bigint => {
    const isInteger = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
    if (!isInteger) return notOf(code, 'an integer', value);
    const big = BigInt(value);
    if (!wrap && (big < low || big > high)) return outside(code, value, `${low} to ${high}`);
    return big;
  };
  return { code, size: 8, Cells, check, load: loadInteger, store: storeInteger };
}

function float(code: TypeCode, size: number, Cells: CellsConstructor): Omit<Scalar, 'id'> {
  const check = (value: unknown, wrap: boolean): number => {
    if (typeof value !== 'number') return notOf(code, 'a number', value);
    if (size === 4 && !wrap && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
      return outside(code, value, 'about ±3.4e38');
    }
    return value;
  };
  return { code, size, Cells, check, load: (cells, index) => cells[index] as number, store: storeFloat };
}

const char: Omit<Scalar, 'id'> = {
  code: 'c',
  size: 1,
  Cells: Uint8Array,
  check(value) {
    if (value instanceof Uint8Array && value.length === 1) return value[0] as number;
    const code = typeof value === 'string' && value.length === 1 ? value.charCodeAt(0) : Number.NaN;
    return code <= 0xff ? code : notOf('c', 'one character up to U+00FF, or a Uint8Array of one byte', value);
  },
  load: (cells, index) => String.fromCharCode(Atomics.load(cells as Uint8Array<ArrayBuffer>, index)),
  store: storeInteger,
};

const wideChar: Omit<Scalar, 'id'> = {
  code: 'u',
  size: 4,
  Cells: Uint32Array,
  check(value) {
    const code = typeof value === 'string' ? value.codePointAt(0) : undefined;
    return code !== undefined && (value as string).length === (code > 0xffff ? 2 : 1)
      ? code
      : notOf('u', 'a string of one code point', value);
  },
  load: (cells, index) => String.fromCodePoint(Atomics.load(cells as Uint32Array<ArrayBuffer>, index)),
  store: storeInteger,
};

/** With all the bits that matter when it wraps. */
const toNumber = (value: bigint, size: number): number =>
  value >= -(2n ** 32n) && value <= 2n ** 32n
    ? Number(value)
    : Number(BigInt.asIntN(8 * size, value)) + (value < 0n ? -(2 ** 33) : 2 ** 33);

function notOf(code: TypeCode, needed: string, value: unknown): never {
  throw new TypeError(`Type '${code}' needs ${needed}, not ${inWords(value)}`);
}

function outside(code: TypeCode, value: unknown, range: string): never {
  throw new RangeError(
    `Type '${code}' has room for ${range}, not for ${String(value)}. Take a larger type, or { wrap: true } to have it wrap around as in C`,
  );
}

const inWords = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value.slice(0, 40)}'`
    : typeof value === 'object' && value !== null
      ? 'an object'
      : String(value);

const table: readonly Omit<Scalar, 'id'>[] = [
  char,
  wideChar,
  integer('b', 1, true, Int8Array),
  integer('B', 1, false, Uint8Array),
  integer('h', 2, true, Int16Array),
  integer('H', 2, false, Uint16Array),
  integer('i', 4, true, Int32Array),
  integer('I', 4, false, Uint32Array),
  bigInteger('l', true, BigInt64Array),
  bigInteger('L', false, BigUint64Array),
  bigInteger('q', true, BigInt64Array),
  bigInteger('Q', false, BigUint64Array),
  float('f', 4, Float32Array),
  float('d', 8, Float64Array),
];

const scalars: ReadonlyMap<unknown, Scalar> = new Map(table.map((scalar, id) => [scalar.code, { ...scalar, id }]));

/** Those whose arrays are typed arrays. 64-bit integers are there twice, `l` and `q`. */
export const numberScalars: readonly Scalar[] = [...scalars.values()].filter(
  ({ code }) => code !== 'c' && code !== 'u',
);

/** @throws TypeError for an unknown code */
export function scalar(code: unknown): Scalar {
  const found = scalars.get(code);
  if (found !== undefined) return found;
  throw new TypeError(
    `This type has no size: ${inWords(code)}. Types are the codes ${[...scalars.keys()].join(' ')}, and what struct({…}) returns`,
  );
}
