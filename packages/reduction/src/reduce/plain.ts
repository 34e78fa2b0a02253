import types from 'node:util/types';
import { MAX_UINT64, MIN_INT64, NEST, NUMERIC_BLOCK } from '../format.ts';

/**
 * The question that decides how a message is written: does msgpackr alone carry this value without losing anything?
 *
 * It is asked of every message, so it must cost nothing to speak of: 30 ns for `[i, 40 characters]`. It may say no
 * where yes would be right (the reducer then does the work), never the other way round.
 */

const { getPrototypeOf, getOwnPropertySymbols, hasOwn } = Object;
const OBJECT = Object.prototype;
const ARRAY = Array.prototype;
const BYTES = Buffer.prototype;

// The objects met so far: nothing may be met twice, or it would arrive as two objects. A Set costs 60 ns to make and
// as much to fill per object; most messages have few objects, and comparing those one by one is cheaper.
const FEW = 8;
const few: unknown[] = new Array(FEW).fill(undefined);
let count = 0;
let many: Set<unknown> | undefined;
let largest = 0;

/**
 * @param value - the root of the message
 * @param outOfBand - from how many bytes on a buffer leaves the message
 */
export function isPlain(value: unknown, outOfBand: number): boolean {
  if (count !== 0) return false; // a getter or a proxy trap that pickles: let the outer question be answered first
  largest = outOfBand;
  try {
    return plain(value, 0);
  } finally {
    // Nothing of the user's may be kept alive by this memory.
    for (let i = Math.min(count, FEW) - 1; i >= 0; i--) few[i] = undefined;
    count = 0;
    many = undefined;
  }
}

function isNew(object: unknown): boolean {
  if (many !== undefined) return many.size !== many.add(object).size;
  for (let i = 0; i < count; i++) if (few[i] === object) return false;
  if (count < FEW) few[count++] = object;
  else many = new Set(few).add(object);
  return true;
}

function plain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return value !== 0 || 1 / value > 0;
    case 'boolean':
    case 'undefined':
      return true;
    case 'bigint':
      return value <= MAX_UINT64 && value >= MIN_INT64;
    case 'object': {
      if (value === null) return true;
      const prototype = getPrototypeOf(value);
      if (prototype === ARRAY) return plainArray(value as unknown[], depth);
      if (prototype === OBJECT) return plainObject(value as Record<string, unknown>, depth);
      return prototype === BYTES && plainBuffer(value as Buffer);
    }
    default:
      return false;
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

function plainArray(array: readonly unknown[], depth: number): boolean {
  if (depth >= NEST || !isNew(array)) return false;
  const { length } = array;
  // What looks like a block of numbers is not worth a look at each: to read a double here makes an object of it.
  if (length >= NUMERIC_BLOCK && isNumber(array[0]) && isNumber(array[length >> 1]) && isNumber(array[length - 1])) {
    return false;
  }
  let numbers = 0;
  for (let i = 0; i < length; i++) {
    const element = array[i];
    if (typeof element === 'string') {
      if (!element.isWellFormed()) return false;
    } else if (typeof element === 'number') {
      if (element === 0 && 1 / element < 0) return false;
      numbers++;
    } else if (element === undefined) {
      if (!hasOwn(array, i)) return false;
    } else if (!plain(element, depth + 1)) return false;
  }
  if (numbers === length && length >= NUMERIC_BLOCK) return false;
  // What `exec` and `match` return, and what a template tag is given. Other names on arrays do not travel.
  const named = array as readonly unknown[] & { groups?: unknown; index?: unknown; raw?: unknown };
  return named.index === undefined && named.groups === undefined && named.raw === undefined;
}

function plainObject(object: Record<string, unknown>, depth: number): boolean {
  if (depth >= NEST || !isNew(object)) return false;
  for (const key in object) {
    // msgpackr takes the constructor's word for what an object is, and renames __proto__.
    if (key === 'constructor' || key === '__proto__' || !key.isWellFormed()) return false;
    const value = object[key];
    if (typeof value === 'string') {
      if (!value.isWellFormed()) return false;
    } else if (!plain(value, depth + 1)) return false;
  }
  return getOwnPropertySymbols(object).length === 0;
}

function plainBuffer(bytes: Buffer): boolean {
  return bytes.length < largest && isNew(bytes) && (isPooled(bytes) || (isFixed(bytes.buffer) && isNew(bytes.buffer)));
}

// Not Buffer.poolSize: Node 26 rounds it up.
const POOL = Buffer.from('a slice of the pool').buffer.byteLength;

/** A small Buffer is a slice of a pool that it shares with strangers: it travels alone, by its content. */
export const isPooled = (bytes: Buffer): boolean => bytes.buffer.byteLength === POOL && bytes.length < POOL;

function isFixed(memory: ArrayBufferLike): boolean {
  return (
    !types.isSharedArrayBuffer(memory) && !memory.resizable && !(memory as ArrayBuffer & { detached: boolean }).detached
  );
}
