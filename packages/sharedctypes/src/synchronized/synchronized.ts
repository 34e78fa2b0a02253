import { numberKindOf } from '../raw/numbers.ts';
import { RawScalar } from '../raw/raw-scalar.ts';
import { StructObject, Structures } from '../raw/structures.ts';
import { CharArray, WideCharArray } from '../raw/text-array.ts';
import type { TypeCode } from '../types/scalar.ts';
import type { StructType } from '../types/struct-type.ts';
import type { StructArray } from '../types/values.ts';
import type { SharedLock } from './lock.ts';
import { SynchronizedArray } from './synchronized-array.ts';
import { SynchronizedObject } from './synchronized-object.ts';
import { Synchronized } from './synchronized-structure.ts';
import { SynchronizedValue } from './synchronized-value.ts';

/** The typecode of each typed array; those of `long` are taken for `long long`. */
type CodeOf<A> = A extends Int8Array
  ? 'b'
  : A extends Uint8Array
    ? 'B'
    : A extends Int16Array
      ? 'h'
      : A extends Uint16Array
        ? 'H'
        : A extends Int32Array
          ? 'i'
          : A extends Uint32Array
            ? 'I'
            : A extends BigInt64Array
              ? 'q'
              : A extends BigUint64Array
                ? 'Q'
                : A extends Float32Array
                  ? 'f'
                  : 'd';

/** What a lock around an object makes of it. */
type SynchronizedOf<R extends object> =
  R extends RawScalar<infer T>
    ? SynchronizedValue<T>
    : R extends CharArray
      ? SynchronizedArray<'c'>
      : R extends WideCharArray
        ? SynchronizedArray<'u'>
        : R extends StructArray<infer F>
          ? SynchronizedArray<StructType<F>>
          : R extends ArrayBufferView
            ? SynchronizedArray<CodeOf<R>>
            : R & SynchronizedObject<R>;

/**
 * Puts a lock around an object that {@link RawValue} or {@link RawArray} has made.
 *
 * Python: `multiprocessing.sharedctypes.synchronized`.
 *
 * @param lock - default: a new RLock
 * @throws TypeError when it has a lock already, or is no object in shared memory
 *
 * @example
 * ```ts
 * const numbers = RawArray('i', 3);
 * const guarded = synchronized(numbers);
 * guarded.set(-1, 7); // numbers[2]
 * ```
 */
export function synchronized<R extends object>(raw: R, lock?: SharedLock | null): SynchronizedOf<R> {
  return wrap(raw, lock, raw instanceof RawScalar && raw.wrap) as SynchronizedOf<R>;
}

export function wrap(raw: object, lock: SharedLock | true | null | undefined, wrapping: boolean): object {
  if (raw instanceof SynchronizedObject) throw new TypeError('The object is already synchronized');
  if (raw instanceof RawScalar) return new SynchronizedValue(raw as RawScalar<TypeCode>, lock);
  if (raw instanceof StructObject) return new Synchronized(raw, lock);
  const isArray =
    raw instanceof CharArray ||
    raw instanceof WideCharArray ||
    raw instanceof Structures ||
    numberKindOf(raw) !== undefined;
  if (isArray) return new SynchronizedArray(raw as never, lock, wrapping);
  throw new TypeError('Only what RawValue and RawArray have made can be synchronized');
}
