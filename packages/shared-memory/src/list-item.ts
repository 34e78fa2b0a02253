import { ShareableListError } from './errors.ts';

/** What a ShareableList can have in it; Python: int, float, bool, str, bytes, None. */
export type ListValue = number | bigint | boolean | string | Uint8Array | null;

/** How CPython gets back from what `struct` has read to what was written. */
const PLAIN = 0;
const TEXT = 1;
const BYTES = 2;
const NONE = 3;

const BOOL_FORMAT = 'xxxxxxx?';
const NONE_FORMAT = 'xxxxxx?x';
const LONGEST_FORMAT = 8;

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/**
 * One value of a {@link ShareableList}, as CPython writes it: bytes, a format of `struct` in at most 8 characters, and a
 * code that says what it was.
 *
 *     int 'q' 0 │ float 'd' 0 │ bool 'xxxxxxx?' 0 │ str '24s' 1 │ bytes '24s' 2 │ None 'xxxxxx?x' 3
 *
 * The number in '24s' is the room, and CPython strips the zeros at the end when it reads. For a value that ends with zeros
 * we write its length with '0x' behind it ('5s0x': five bytes, then no padding). CPython reads that as well, though it
 * strips; when it writes, it takes the whole room again, because the format does not end with s.
 */
export interface Item {
  readonly code: number;
  /** Undefined for strings and bytes, whose format depends on the room that they get. */
  readonly format: string | undefined;
  /** Eight bytes, or a string's or bytes' own. */
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws TypeError for what a list cannot have, RangeError for an integer of more than 64 bits */
export function encodeItem(value: unknown): Item {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? integer(BigInt(value))
        : eight(PLAIN, 'd', (view) => view.setFloat64(0, value, true));
    case 'bigint':
      return integer(value);
    case 'boolean':
      return eight(PLAIN, BOOL_FORMAT, (view) => view.setUint8(7, Number(value)));
    case 'string':
      if (!value.isWellFormed()) {
        throw new TypeError('ShareableList: a string with half a surrogate pair cannot be written as UTF-8. Use bytes');
      }
      return { code: TEXT, format: undefined, bytes: encoder.encode(value) };
    default:
      if (value === null) return eight(NONE, NONE_FORMAT, () => {});
      if (value instanceof Uint8Array) return { code: BYTES, format: undefined, bytes: value };
      throw new TypeError(
        `ShareableList: a list can have numbers, BigInts, booleans, strings, Uint8Arrays and null, but not ${typeof value === 'object' ? `an object of ${value.constructor?.name ?? 'no class'}` : typeof value}`,
      );
  }
}

function integer(value: bigint): Item {
  if (value < INT64_MIN || value > INT64_MAX) {
    throw new RangeError(`ShareableList: ${value} does not fit into 64 bits. Write it as a string`);
  }
  return eight(PLAIN, 'q', (view) => view.setBigInt64(0, value, true));
}

function eight(code: number, format: string, write: (view: DataView) => void): Item {
  const bytes = new Uint8Array(8);
  write(new DataView(bytes.buffer));
  return { code, format, bytes };
}

/**
 * The format of a value in that much room.
 *
 * @throws RangeError when it ends with zeros, and is so long that CPython's layout has no place to say so
 */
export function formatOf({ format, bytes }: Item, room: number): string {
  if (format !== undefined) return format;
  if (bytes.length === 0 || bytes.at(-1) !== 0) return `${room}s`;
  const exact = `${bytes.length}s0x`;
  if (exact.length > LONGEST_FORMAT) {
    throw new RangeError(
      `ShareableList: a value of ${bytes.length} bytes that ends with zeros cannot be kept: that works up to 99999 bytes. Put something behind the zeros`,
    );
  }
  return exact;
}

/** @param room - the bytes of the item, without copying */
export function decodeItem(format: string, code: number, room: Uint8Array): ListValue {
  const view = new DataView(room.buffer, room.byteOffset, room.byteLength);
  if (format === NONE_FORMAT && code === NONE) return null;
  if (code === PLAIN && room.length >= 8) {
    if (format === 'q') return narrow(view.getBigInt64(0, true));
    if (format === 'd') return view.getFloat64(0, true);
    if (format === BOOL_FORMAT) return room[7] !== 0;
  }
  const [, digits, exact] = /^(\d{1,7})s(0x)?$/.exec(format) ?? [];
  const length = Number(digits);
  if (digits === undefined || length > room.length || (code !== TEXT && code !== BYTES)) {
    throw new ShareableListError(
      `ShareableList: an item has the format '${format}' and the code ${code}, which no value has. It is being written at this moment, or was damaged; nothing locks a ShareableList.`,
    );
  }
  const end = exact === undefined ? withoutZeros(room, length) : length;
  if (code === BYTES) return room.slice(0, end);
  try {
    return decoder.decode(room.slice(0, end));
  } catch (cause) {
    throw new ShareableListError(
      'ShareableList: a string is no UTF-8. It is being written at this moment, or CPython has made the list: that counts characters, not bytes, and cuts text that has others than ASCII.',
      { cause },
    );
  }
}

function withoutZeros(bytes: Uint8Array, length: number): number {
  let end = length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

const narrow = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
