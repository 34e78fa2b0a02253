import { Memory } from '../types/memory.ts';
import { type ElementType, elementOf } from '../types/struct-type.ts';
import type { ArrayInput, ArrayOf } from '../types/values.ts';
import type { RawOptions } from './raw-value.ts';
import { fill, valuesOf, viewOf } from './structures.ts';

/** See {@link RawArray}. */
interface RawArrayConstructor {
  <T extends ElementType>(type: T, init: number | ArrayInput<T>, options?: RawOptions): ArrayOf<T>;
  new <T extends ElementType>(type: T, init: number | ArrayInput<T>, options?: RawOptions): ArrayOf<T>;
}

/**
 * An array in shared memory, without a lock. Of numbers it is a true typed array, at full speed: `RawArray('d', 100)` is a
 * Float64Array. Of `'c'` it is a {@link CharArray}, of `'u'` a {@link WideCharArray}, of structures a {@link StructArray}.
 *
 * It can be sent in any message, and is the same memory for whoever gets it; so is what `subarray` returns. What `slice`
 * and `map` return are ordinary arrays.
 *
 * What it is made of is checked. Later assignments to a typed array are JavaScript's own: they wrap around and never
 * fail; {@link SharedArray} checks those too.
 *
 * Python: `multiprocessing.sharedctypes.RawArray`.
 *
 * @param type - a typecode, or what `struct({…})` returned
 * @param init - the length, for zeros, or what is in it
 * @throws RangeError for a negative length, for one that the machine has no memory for (`ENOMEM`), and for numbers that
 *   do not fit; TypeError for what is no sequence, and for elements of another kind
 *
 * @example
 * ```ts
 * const numbers = RawArray('d', 1_000_000); // a Float64Array
 * numbers[3] = 0.5;
 * const text = RawArray('c', 'hello');
 * console.log(text.value); // hello
 * ```
 */
export const RawArray: RawArrayConstructor = function RawArray(
  type: ElementType,
  init: unknown,
  { wrap = false }: RawOptions = {},
): object {
  const element = elementOf(type);
  const values = typeof init === 'number' ? undefined : valuesOf(element, init);
  const length = values?.length ?? (init as number);
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new RangeError(`The length of an array must be an integer from 0 on, not ${String(length)}`);
  }
  const array = viewOf(element, length, Memory.allocate(length * element.size), 0, wrap);
  if (values !== undefined) fill(array, element, values, wrap);
  return array;
} as unknown as RawArrayConstructor;
