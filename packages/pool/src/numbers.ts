/**
 * A list of numbers and nothing else, each exactly what it was: -0 and NaN are among the doubles.
 *
 * Chunks of a map and their results take this form where they can. It is memory outside of the heap, which the collector
 * does not carry about while they wait, and travels as a run of bytes: no element is looked at twice.
 */
export type Numbers = Int32Array | Float64Array;

/** Items or results, in whichever form. */
export type List = readonly unknown[] | Numbers;

/** In shorter lists it is quicker to write number by number. */
export const FEWEST_NUMBERS = 64;
/** Longer ones would be too large for the ring, and go in memory of their own anyway. */
export const MOST_NUMBERS = 8000;

export const isNumbers = (list: unknown): list is Numbers => list instanceof Float64Array || list instanceof Int32Array;

/** -0 is no integer of V8, and would be 0 in memory. */
export const isInt32 = (value: unknown): value is number =>
  typeof value === 'number' && (value | 0) === value && (value !== 0 || 1 / value > 0);

/** The elements from `start` to `end`, if it is worth the while and all of them are numbers. */
export function numbersToSend(list: readonly unknown[], start: number, end: number): Numbers | undefined {
  const length = end - start;
  return length < FEWEST_NUMBERS || length > MOST_NUMBERS ? undefined : numbersIn(list, start, end);
}

/** The elements from `start` to `end`, if all of them are numbers. */
export function numbersIn(list: readonly unknown[], start: number, end: number): Numbers | undefined {
  if (typeof list[start] !== 'number') return undefined;
  const length = end - start;
  const integers = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const element = list[start + i];
    if (!isInt32(element)) return typeof element === 'number' ? doublesIn(list, start, end, integers, i) : undefined;
    integers[i] = element;
  }
  return integers;
}

/** The same, when the first `known` of them have turned out to be integers and the next one has not. */
function doublesIn(
  list: readonly unknown[],
  start: number,
  end: number,
  integers: Int32Array,
  known: number,
): Float64Array | undefined {
  const length = end - start;
  const doubles = new Float64Array(length);
  doubles.set(integers.subarray(0, known));
  for (let i = known; i < length; i++) {
    const element = list[start + i];
    if (typeof element !== 'number') return undefined;
    doubles[i] = element;
  }
  return doubles;
}

/** Its bytes, not a copy. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

export const integersOf = (bytes: Uint8Array): Int32Array => {
  const { buffer, byteOffset, byteLength } = aligned(bytes, Int32Array.BYTES_PER_ELEMENT);
  return new Int32Array(buffer, byteOffset, byteLength / Int32Array.BYTES_PER_ELEMENT);
};

export const doublesOf = (bytes: Uint8Array): Float64Array => {
  const { buffer, byteOffset, byteLength } = aligned(bytes, Float64Array.BYTES_PER_ELEMENT);
  return new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
};

const aligned = (bytes: Uint8Array, size: number): Uint8Array =>
  bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
