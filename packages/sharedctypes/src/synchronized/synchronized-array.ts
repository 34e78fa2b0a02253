import { register } from '@mp/reduction';
import { numberKindOf } from '../raw/numbers.ts';
import { place, slicePlaces } from '../raw/position.ts';
import { CharArray, WideCharArray } from '../raw/text-array.ts';
import type { Scalar } from '../types/scalar.ts';
import type { ElementType, Fields } from '../types/struct-type.ts';
import type { ArrayOf, ElementInput, ElementValue, StructArray } from '../types/values.ts';
import type { SharedLock } from './lock.ts';
import { SynchronizedObject } from './synchronized-object.ts';

/** What all raw arrays have, numbers by their index. */
type Raw = CharArray | WideCharArray | StructArray<Fields> | { [index: number]: unknown; readonly length: number };

/**
 * An array in shared memory with a lock: what {@link SharedArray} makes. The length is fixed.
 *
 * Elements are read and written by `get` and `set`, each under the lock; negative positions count from the end. For many
 * accesses hold the lock once and use the array without it: `array.withLock(() => array.getObj())`.
 */
export class SynchronizedArray<T extends ElementType>
  extends SynchronizedObject<ArrayOf<T>>
  implements Iterable<ElementValue<T>>
{
  /** How many elements there are. */
  readonly length: number;
  readonly #wrap: boolean;
  /** Of numbers, which check nothing by themselves. */
  readonly #numbers: Scalar | undefined;

  /** @internal Use {@link SharedArray} or {@link synchronized}. */
  constructor(raw: ArrayOf<T>, lock: SharedLock | true | null | undefined, wrap: boolean) {
    super(raw, lock);
    this.length = (raw as Raw).length;
    this.#wrap = wrap;
    this.#numbers = numberKindOf(raw);
    // `array[0] = 5` in JavaScript would be a property of this object, which nobody else sees.
    Object.preventExtensions(this);
  }

  /** An element; of structures a view of the memory. @throws RangeError when there is none */
  get(position: number): ElementValue<T> {
    return SynchronizedObject.access(this, (raw) => this.#read(raw, place(position, this.length)));
  }

  /**
   * Replaces an element, or some fields of a structure.
   *
   * @throws RangeError when there is no such position; RangeError, TypeError when the type does not take the value
   */
  set(position: number, value: ElementInput<T>): void {
    SynchronizedObject.access(this, (raw) => this.#write(raw, place(position, this.length), value));
  }

  /**
   * Copies a part into an ordinary array, as `array[start:end:step]` does in Python: all of it by default, negative
   * positions count from the end, and what is outside is left out.
   *
   * @param step - negative: backwards. Default 1.
   */
  slice(start?: number, end?: number, step?: number): ElementValue<T>[] {
    return SynchronizedObject.access(this, (raw) => {
      const result: ElementValue<T>[] = [];
      for (const i of slicePlaces(this.length, start, end, step)) result.push(this.#read(raw, i));
      return result;
    });
  }

  /**
   * Replaces a part, as `array[start:end:step] = values` does in Python.
   *
   * @throws RangeError when it has another length; errors of {@link set}: no number has been written then
   */
  setSlice(values: Iterable<ElementInput<T>>, start?: number, end?: number, step?: number): void {
    const given = [...values];
    SynchronizedObject.access(this, (raw) => {
      const places = [...slicePlaces(this.length, start, end, step)];
      if (places.length !== given.length) {
        throw new RangeError(
          `Can only assign a sequence of the same size: ${given.length} to ${places.length} elements`,
        );
      }
      const numbers = this.#numbers;
      if (numbers === undefined) for (const [i, at] of places.entries()) this.#write(raw, at, given[i]);
      else {
        const checked = given.map((value) => numbers.check(value, this.#wrap));
        for (const [i, at] of places.entries()) numbers.store(raw as never, at, checked[i]!);
      }
    });
  }

  /** The elements as they all were at one moment. (Python reads them one by one.) */
  [Symbol.iterator](): ArrayIterator<ElementValue<T>> {
    return this.slice()[Symbol.iterator]();
  }

  /**
   * Of characters only: the text up to the first zero. Assigned a shorter one, a zero is written behind it, and the rest
   * stays as it is.
   *
   * @throws RangeError when the text is too long; TypeError for other arrays
   */
  get value(): T extends 'c' | 'u' ? string : never {
    return SynchronizedObject.access(this, (raw) => textOf(raw).value) as T extends 'c' | 'u' ? string : never;
  }

  set value(value: T extends 'c' ? string | Uint8Array : T extends 'u' ? string : never) {
    SynchronizedObject.access(this, (raw) => {
      textOf(raw).value = value as string;
    });
  }

  /**
   * Of type `'c'` only: all bytes, as a copy. Assigned fewer, the rest stays as it is.
   *
   * @throws RangeError for too many; TypeError for other arrays
   */
  get raw(): T extends 'c' ? Uint8Array<ArrayBuffer> : never {
    return SynchronizedObject.access(this, (raw) => bytesOf(raw).raw) as T extends 'c'
      ? Uint8Array<ArrayBuffer>
      : never;
  }

  set raw(value: T extends 'c' ? string | Uint8Array : never) {
    SynchronizedObject.access(this, (raw) => {
      bytesOf(raw).raw = value;
    });
  }

  #read(raw: Raw, at: number): ElementValue<T> {
    if (this.#numbers !== undefined) return this.#numbers.load(raw as never, at) as ElementValue<T>;
    return (raw as StructArray<Fields>).get(at) as ElementValue<T>;
  }

  #write(raw: Raw, at: number, value: unknown): void {
    const numbers = this.#numbers;
    if (numbers !== undefined) numbers.store(raw as never, at, numbers.check(value, this.#wrap));
    else (raw as StructArray<Fields>).set(at, value as never);
  }

  /** @internal */
  static reduceArray(array: SynchronizedArray<ElementType>): Reduced {
    return [array.getObj(), array.getLock(), array.#wrap];
  }
}

function textOf(raw: Raw): CharArray | WideCharArray {
  if (raw instanceof CharArray || raw instanceof WideCharArray) return raw;
  throw new TypeError("Only arrays of the types 'c' and 'u' have a value; get(), set() and slice() are for all");
}

function bytesOf(raw: Raw): CharArray {
  if (raw instanceof CharArray) return raw;
  throw new TypeError("Only arrays of the type 'c' have raw bytes; others have their memory in getObj()");
}

type Reduced = [raw: ArrayOf<ElementType>, lock: SharedLock, wrap: boolean];

register(SynchronizedArray<ElementType>, {
  name: '@mp/sharedctypes/SharedArray',
  module: import.meta.url,
  reduce: SynchronizedArray.reduceArray,
  rebuild: ([raw, lock, wrap]: Reduced) => new SynchronizedArray(raw, lock, wrap),
});
