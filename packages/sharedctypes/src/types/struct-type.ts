import { register } from '@mp/reduction';
import { type Scalar, scalar, type TypeCode } from './scalar.ts';

/** A type of one field: a typecode, a structure, or `[type, length]` for an array of either. */
export type FieldType = ElementType | readonly [ElementType, number];

/** A type of values and of elements of arrays: a typecode, or a structure. */
export type ElementType = TypeCode | StructType<Fields>;

/** The fields of a structure, in the order in which they lie in memory. */
export interface Fields {
  readonly [name: string]: FieldType;
}

/** Where one field lies, and what it is. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly element: Scalar | StructType<Fields>;
  /** Of an array; undefined: it is none. */
  readonly length: number | undefined;
}

/** Names with a meaning of their own; and those that are numbers, which objects put in an order of their own. */
const NOT_ALLOWED = /^(__proto__|constructor|\d+|)$/;

/**
 * The type of a structure, made by {@link struct}. It travels with what is made of it, so it need not be exported.
 */
export class StructType<F extends Fields> {
  /** What was given to {@link struct}. */
  readonly definition: F;
  /** Of one, in bytes, with padding as in C. */
  readonly size: number;
  /** In bytes: that of its largest field. */
  readonly alignment: number;
  /** @internal */
  readonly fields: readonly Field[];

  /** @internal Use {@link struct}. */
  constructor(definition: F) {
    this.definition = definition;
    const fields: Field[] = [];
    let offset = 0;
    let alignment = 1;
    for (const [name, type] of Object.entries(definition)) {
      if (NOT_ALLOWED.test(name)) throw new TypeError(`struct: a field cannot have the name '${name}'`);
      const [of, length] = isArrayField(type) ? type : [type, undefined];
      if (length !== undefined && !(Number.isSafeInteger(length) && length >= 1)) {
        throw new RangeError(`struct: the array '${name}' needs a length of at least 1, not ${String(length)}`);
      }
      const element = of instanceof StructType ? of : scalar(of);
      const own = alignmentOf(element);
      offset = alignUp(offset, own);
      alignment = Math.max(alignment, own);
      fields.push({ name, offset, element, length });
      offset += element.size * (length ?? 1);
    }
    if (fields.length === 0) throw new TypeError('struct: a structure needs at least one field');
    this.fields = fields;
    this.alignment = alignment;
    this.size = alignUp(offset, alignment);
  }
}

/**
 * A type of structures, laid out as a C compiler does.
 *
 * Fields are typecodes, other structures, or `[type, length]` for arrays of either. Two structures with the same fields
 * are the same type.
 *
 * Python: `class Point(ctypes.Structure): _fields_ = [('x', c_double), ('y', c_double)]`.
 *
 * @throws TypeError for an unknown type or an impossible name, RangeError for an impossible length
 *
 * @example
 * ```ts
 * const Point = struct({ x: 'd', y: 'd' });
 * const Path = struct({ name: ['c', 16], length: 'i', points: [Point, 8] });
 * const path = new Value(Path, { name: 'home', length: 1, points: [{ x: 1, y: 2 }] });
 * ```
 */
export function struct<const F extends Fields>(definition: F): StructType<F> {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    throw new TypeError("struct: the fields must be an object, such as { x: 'd', y: 'd' }");
  }
  const type = new StructType<F>({ ...definition });
  const key = keyOf(type);
  const known = types.get(key)?.deref();
  if (known !== undefined) return known as StructType<F>;
  types.set(key, new WeakRef<StructType<Fields>>(type));
  return type;
}

/** Each type is one object in a process, however often it is defined or arrives. */
const types = new Map<string, WeakRef<StructType<Fields>>>();

const keyOf = (type: StructType<Fields>): string =>
  JSON.stringify(
    type.fields.map(({ name, element, length }) => [
      name,
      element instanceof StructType ? keyOf(element) : element.code,
      length,
    ]),
  );

const isArrayField = (type: FieldType): type is readonly [ElementType, number] => Array.isArray(type);

export const alignmentOf = (element: Scalar | StructType<Fields>): number =>
  element instanceof StructType ? element.alignment : element.size;

const alignUp = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment;

/** What a user's type is. @throws TypeError */
export const elementOf = (type: unknown): Scalar | StructType<Fields> =>
  type instanceof StructType ? type : scalar(type);

register(StructType<Fields>, {
  name: '@mp/sharedctypes/StructType',
  module: import.meta.url,
  reduce: (type) => Object.entries(type.definition) as [string, FieldType][],
  rebuild: (entries: [string, FieldType][]) => struct(Object.fromEntries(entries)),
});
