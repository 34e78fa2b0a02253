import type { CharArray, WideCharArray } from '../raw/text-array.ts';
import type { CodeInput, CodeValues, TypeCode } from './scalar.ts';
import type { ElementType, Fields, FieldType, StructType } from './struct-type.ts';

/** A structure as one sees it: a property for each field. */
export type Structure<F extends Fields> = { -readonly [K in keyof F]: FieldValue<F[K]> };

/** What one field is. */
export type FieldValue<T extends FieldType> = T extends readonly [infer E extends ElementType, number]
  ? ArrayOf<E>
  : T extends ElementType
    ? ElementValue<T>
    : never;

/** What a value is, and an element of an array. */
export type ElementValue<T extends ElementType> = T extends TypeCode
  ? CodeValues[T]
  : T extends StructType<infer F>
    ? Structure<F>
    : never;

/** What a structure can be made of: some of its fields by name, or their values in order. The others are zero. */
export type StructureInput<F extends Fields> = { readonly [K in keyof F]?: FieldInput<F[K]> } | readonly unknown[];

/** What one field can be made of. */
export type FieldInput<T extends FieldType> = T extends readonly [infer E extends ElementType, number]
  ? ArrayInput<E>
  : T extends ElementType
    ? ElementInput<T>
    : never;

/** What can be assigned to a value, and to an element of an array. */
export type ElementInput<T extends ElementType> = T extends TypeCode
  ? CodeInput<T>
  : T extends StructType<infer F>
    ? StructureInput<F>
    : never;

/** What an array can be made of: something with a length, so no generator. */
export type ArrayInput<T extends ElementType> =
  | Sequence<ElementInput<T>>
  | (T extends 'c' ? string | Uint8Array : T extends 'u' ? string : never);

type Sequence<T> = Iterable<T> & { readonly length: number };

/** The typed array of each typecode that is a number. */
interface NumberArrays {
  b: Int8Array<ArrayBuffer>;
  B: Uint8Array<ArrayBuffer>;
  h: Int16Array<ArrayBuffer>;
  H: Uint16Array<ArrayBuffer>;
  i: Int32Array<ArrayBuffer>;
  I: Uint32Array<ArrayBuffer>;
  l: BigInt64Array<ArrayBuffer>;
  L: BigUint64Array<ArrayBuffer>;
  q: BigInt64Array<ArrayBuffer>;
  Q: BigUint64Array<ArrayBuffer>;
  f: Float32Array<ArrayBuffer>;
  d: Float64Array<ArrayBuffer>;
}

/** What an array of that type is, without its lock. */
export type ArrayOf<T extends ElementType> = T extends keyof NumberArrays
  ? NumberArrays[T]
  : T extends 'c'
    ? CharArray
    : T extends 'u'
      ? WideCharArray
      : T extends StructType<infer F>
        ? StructArray<F>
        : never;

/** Structures in shared memory, one behind the other, without a lock: what an array of a `struct({…})` is. */
export interface StructArray<F extends Fields> extends Iterable<Structure<F>> {
  /** The type of its elements. */
  readonly type: StructType<F>;
  /** How many structures there are. */
  readonly length: number;
  /** A structure, as a view of the memory; negative positions count from the end. @throws RangeError */
  get(position: number): Structure<F>;
  /** Writes some fields of a structure, or all. @throws RangeError, TypeError */
  set(position: number, value: StructureInput<F>): void;
}
