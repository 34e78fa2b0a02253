import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { Memory } from '../types/memory.ts';
import type { Scalar } from '../types/scalar.ts';
import { type Field, type Fields, StructType } from '../types/struct-type.ts';
import type { StructArray, Structure, StructureInput } from '../types/values.ts';
import { sharedNumbers } from './numbers.ts';
import { place } from './position.ts';
import { CharArray, toBytes, toCodePoints, WideCharArray } from './text-array.ts';

/**
 * A structure in shared memory, without a lock: a property for each field. Reading a field of numbers reads the memory;
 * a field that is a structure or an array is a view of it. Assigning writes and checks.
 *
 * Nothing but single fields is read or written at once.
 */
export class StructObject {
  readonly #type: StructType<Fields>;
  readonly #memory: Memory;
  readonly #offset: number;
  readonly #wrap: boolean;

  constructor(type: StructType<Fields>, memory: Memory, offset: number, wrap: boolean) {
    this.#type = type;
    this.#memory = memory;
    this.#offset = offset;
    this.#wrap = wrap;
    Object.defineProperties(this, StructObject.#propertiesOf(type));
    // A misspelt field is an error, and no property that nobody else sees.
    Object.preventExtensions(this);
  }

  static typeOf(structure: StructObject): StructType<Fields> {
    return structure.#type;
  }

  static reduce(structure: StructObject): ReducedStructure {
    return [structure.#type, structure.#memory.block, structure.#offset, structure.#wrap];
  }

  /** The properties of a type are the same objects for all structures of it, so that these have one hidden class. */
  static #propertiesOf(type: StructType<Fields>): PropertyDescriptorMap {
    const known = properties.get(type);
    if (known !== undefined) return known;
    const result: PropertyDescriptorMap = {};
    for (const field of type.fields) {
      const { element, length } = field;
      result[field.name] =
        length === undefined && !(element instanceof StructType)
          ? StructObject.#scalarProperty(field, element)
          : StructObject.#viewProperty(field);
    }
    properties.set(type, result);
    return result;
  }

  static #scalarProperty({ offset }: Field, scalar: Scalar): PropertyDescriptor {
    return {
      enumerable: true,
      get(this: StructObject) {
        return scalar.load(this.#memory.cells(scalar), (this.#offset + offset) / scalar.size);
      },
      set(this: StructObject, value: unknown) {
        const checked = scalar.check(value, this.#wrap);
        scalar.store(this.#memory.cells(scalar), (this.#offset + offset) / scalar.size, checked);
      },
    };
  }

  static #viewProperty({ offset, element, length }: Field): PropertyDescriptor {
    const view = (self: StructObject): object =>
      viewOf(element, length, self.#memory, self.#offset + offset, self.#wrap);
    return {
      enumerable: true,
      get(this: StructObject) {
        return view(this);
      },
      set(this: StructObject, value: unknown) {
        fill(view(this), element, value, this.#wrap);
      },
    };
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    _options: unknown,
    inspect: (value: unknown) => string,
  ): string {
    return inspect({ ...this });
  }
}

const properties = new WeakMap<StructType<Fields>, PropertyDescriptorMap>();

/** An array of {@link StructObject}s. */
export class Structures implements StructArray<Fields> {
  readonly type: StructType<Fields>;
  readonly length: number;
  readonly #memory: Memory;
  readonly #offset: number;
  readonly #wrap: boolean;

  constructor(type: StructType<Fields>, memory: Memory, offset: number, length: number, wrap: boolean) {
    this.type = type;
    this.length = length;
    this.#memory = memory;
    this.#offset = offset;
    this.#wrap = wrap;
  }

  static reduce(array: Structures): ReducedArray {
    return [array.type, array.#memory.block, array.#offset, array.#wrap, array.length];
  }

  get(position: number): Structure<Fields> {
    return this.#at(position) as unknown as Structure<Fields>;
  }

  set(position: number, value: StructureInput<Fields>): void {
    fillStructure(this.#at(position), value);
  }

  *[Symbol.iterator](): Generator<Structure<Fields>, undefined> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  #at(position: number): StructObject {
    const offset = this.#offset + place(position, this.length) * this.type.size;
    return new StructObject(this.type, this.#memory, offset, this.#wrap);
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    _options: unknown,
    inspect: (value: unknown) => string,
  ): string {
    return `StructArray(${this.length}) ${inspect([...this])}`;
  }
}

/** An object over memory: a structure, or, if there is a length, an array. */
export function viewOf(
  element: Scalar | StructType<Fields>,
  length: number | undefined,
  memory: Memory,
  offset: number,
  wrap: boolean,
): object {
  if (element instanceof StructType) {
    return length === undefined
      ? new StructObject(element, memory, offset, wrap)
      : new Structures(element, memory, offset, length, wrap);
  }
  if (element.code === 'c') return new CharArray(memory, offset, length ?? 1);
  if (element.code === 'u') return new WideCharArray(memory, offset, length ?? 1);
  return sharedNumbers(memory, element, offset, length ?? 1);
}

/**
 * Writes the first elements of an array, or some fields of a structure.
 *
 * @throws TypeError, RangeError: numbers and text are checked before any is written, structures one after the other
 */
export function fill(view: object, element: Scalar | StructType<Fields>, input: unknown, wrap: boolean): void {
  if (view instanceof StructObject) fillStructure(view, input);
  else fillArray(view as Fillable, element, input, wrap);
}

type Fillable = { readonly length: number };

function fillArray(array: Fillable, element: Scalar | StructType<Fields>, input: unknown, wrap: boolean): void {
  const values = valuesOf(element, input);
  if (values.length > array.length) {
    throw new RangeError(`There are ${values.length} elements, and the array has room for ${array.length}`);
  }
  if (array instanceof Structures) {
    for (let i = 0; i < values.length; i++) array.set(i, values[i] as StructureInput<Fields>);
  } else if (array instanceof CharArray) array.raw = values as Uint8Array;
  else if (array instanceof WideCharArray) {
    for (let i = 0; i < values.length; i++) array.set(i, values[i] as string);
  } else {
    const scalar = element as Scalar;
    const checked = Array.from(values, (value) => scalar.check(value, wrap));
    const cells = array as unknown as Parameters<Scalar['store']>[0];
    for (let i = 0; i < checked.length; i++) scalar.store(cells, i, checked[i]!);
  }
}

/** What an array is made of, with a length. @throws TypeError when it has none */
export function valuesOf(element: Scalar | StructType<Fields>, input: unknown): ArrayLike<unknown> {
  if (!(element instanceof StructType) && typeof input === 'string') {
    if (element.code === 'c') return toBytes(input);
    if (element.code === 'u') return Array.from(toCodePoints(input), (code) => String.fromCodePoint(code));
  }
  if (!(element instanceof StructType) && element.code === 'c') {
    return input instanceof Uint8Array
      ? input
      : Uint8Array.from(sequence(input), (value) => Number(element.check(value, false)));
  }
  return sequence(input);
}

function sequence(input: unknown): unknown[] {
  const { length } = (typeof input === 'object' && input !== null ? input : {}) as { length?: unknown };
  if (typeof length === 'number') {
    return Symbol.iterator in (input as object)
      ? [...(input as Iterable<unknown>)]
      : Array.from(input as ArrayLike<unknown>);
  }
  throw new TypeError(
    'An array is made of its length, or of a sequence that has one, such as an array. Of an iterator: [...iterator]',
  );
}

/** @throws TypeError for a field that there is not, or too many values */
export function fillStructure(structure: StructObject, input: unknown): void {
  if (typeof input !== 'object' || input === null) {
    throw new TypeError('A structure takes an object with some of its fields, or an array of their values in order');
  }
  const names = StructObject.typeOf(structure).fields.map(({ name }) => name);
  if (Array.isArray(input) && input.length > names.length) {
    throw new TypeError(`The structure has ${names.length} fields (${names.join(', ')}), not ${input.length}`);
  }
  const entries: [string, unknown][] = Array.isArray(input)
    ? input.map((value, i) => [names[i]!, value])
    : Object.entries(input);
  const unknown = entries.find(([name]) => !names.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`The structure has no field '${unknown[0]}', only ${names.join(', ')}`);
  for (const [name, value] of entries) {
    if (value !== undefined) (structure as unknown as Record<string, unknown>)[name] = value;
  }
}

type ReducedStructure = [type: StructType<Fields>, block: Block, offset: number, wrap: boolean];
type ReducedArray = [...ReducedStructure, length: number];

register(StructObject, {
  name: '@mp/sharedctypes/Structure',
  module: import.meta.url,
  reduce: StructObject.reduce,
  rebuild: ([type, block, offset, wrap]: ReducedStructure) => new StructObject(type, Memory.over(block), offset, wrap),
});

register(Structures, {
  name: '@mp/sharedctypes/StructArray',
  module: import.meta.url,
  reduce: Structures.reduce,
  rebuild: ([type, block, offset, wrap, length]: ReducedArray) =>
    new Structures(type, Memory.over(block), offset, length, wrap),
});
