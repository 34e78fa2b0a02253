import { RawArray } from '../raw/raw-array.ts';
import type { ElementType } from '../types/struct-type.ts';
import type { ArrayInput, ArrayOf } from '../types/values.ts';
import type { SharedLock } from './lock.ts';
import { wrap } from './synchronized.ts';
import type { SynchronizedArray } from './synchronized-array.ts';
import type { ValueOptions } from './value.ts';

type WithoutLock = ValueOptions & { readonly lock: false };
type WithLock = ValueOptions & { readonly lock?: SharedLock | true | null | undefined };

/** See {@link SharedArray}. */
interface SharedArrayConstructor {
  new <T extends ElementType>(type: T, init: number | ArrayInput<T>, options: WithoutLock): ArrayOf<T>;
  new <T extends ElementType>(type: T, init: number | ArrayInput<T>, options?: WithLock): SynchronizedArray<T>;
}

/**
 * An array of fixed length in shared memory, with a lock; its elements as in {@link Value}. Also exported as `Array`, its
 * name in Python.
 *
 * @param type - a typecode, or what {@link struct} returned
 * @param init - the length, for zeros, or what is in it; for `'c'` and `'u'` also a string
 * @throws RangeError, TypeError as {@link RawArray} and {@link Value}
 *
 * @example
 * ```ts
 * const numbers = new SharedArray('i', [1, 2, 3]);
 * numbers.set(-1, 30);
 * console.log(numbers.slice()); // [1, 2, 30]
 * const text = new SharedArray('c', 'hello');
 * text.value = text.value.toUpperCase();
 * ```
 */
export const SharedArray: SharedArrayConstructor = function SharedArray(
  type: ElementType,
  init: number | ArrayInput<ElementType>,
  { lock, ...options }: ValueOptions = {},
): object {
  const raw = RawArray(type, init, options);
  return lock === false ? raw : wrap(raw, lock, options.wrap === true);
} as unknown as SharedArrayConstructor;

/** What `new SharedArray` with a lock returns, for the parameter of a function that gets one: `numbers: SharedArray<'i'>`. */
export type SharedArray<T extends ElementType> = SynchronizedArray<T>;
