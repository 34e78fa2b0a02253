export { copy } from './copy.ts';
export { RawArray } from './raw/raw-array.ts';
export type { RawScalar } from './raw/raw-scalar.ts';
export { type RawOptions, RawValue } from './raw/raw-value.ts';
export type { CharArray, WideCharArray } from './raw/text-array.ts';
export type { SharedLock } from './synchronized/lock.ts';
export { SharedArray, SharedArray as Array } from './synchronized/shared-array.ts';
export { synchronized } from './synchronized/synchronized.ts';
export type { SynchronizedArray } from './synchronized/synchronized-array.ts';
export type { SynchronizedObject } from './synchronized/synchronized-object.ts';
export type { SynchronizedStructure } from './synchronized/synchronized-structure.ts';
export type { SynchronizedValue } from './synchronized/synchronized-value.ts';
export { Value, type ValueOptions } from './synchronized/value.ts';
export type { CodeInput, CodeValues, TypeCode } from './types/scalar.ts';
export { type ElementType, type Fields, type FieldType, type StructType, struct } from './types/struct-type.ts';
export type {
  ArrayInput,
  ArrayOf,
  ElementInput,
  ElementValue,
  StructArray,
  Structure,
  StructureInput,
} from './types/values.ts';
