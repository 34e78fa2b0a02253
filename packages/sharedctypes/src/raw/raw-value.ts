import { Memory } from '../types/memory.ts';
import type { CodeInput, TypeCode } from '../types/scalar.ts';
import { type ElementType, elementOf, type Fields, StructType } from '../types/struct-type.ts';
import type { ElementInput, Structure, StructureInput } from '../types/values.ts';
import { RawScalar } from './raw-scalar.ts';
import { fillStructure, StructObject } from './structures.ts';

/** How numbers are taken that do not fit. */
export interface RawOptions {
  /**
   * Integers that are too large for the type wrap around, as in C and in Python, and a float32 becomes infinite.
   * Default false: that is a RangeError.
   */
  readonly wrap?: boolean | undefined;
}

/** See {@link RawValue}. */
interface RawValueConstructor {
  new <T extends TypeCode>(type: T, initial?: CodeInput<T>, options?: RawOptions): RawScalar<T>;
  new <F extends Fields>(type: StructType<F>, initial?: StructureInput<F>, options?: RawOptions): Structure<F>;
}

/**
 * One value in shared memory, without a lock: a {@link RawScalar} with a `value`, or, if the type is a structure, that.
 *
 * It is zero unless something is given. It can be sent in any message, and is the same memory for whoever gets it.
 *
 * Python: `multiprocessing.sharedctypes.RawValue`. There numbers that are too large always wrap around.
 *
 * @param type - a typecode, or what `struct({…})` returned
 * @param initial - the value; of a structure some fields by name, or their values in order
 * @throws TypeError, RangeError when the value is none of that type
 *
 * @example
 * ```ts
 * const x = new RawValue('i', 5);
 * x.value = -7;
 * const point = new RawValue(struct({ x: 'd', y: 'd' }), { x: 1.5 });
 * point.y = point.x * 2;
 * ```
 */
export const RawValue: RawValueConstructor = function RawValue(
  type: ElementType,
  initial?: ElementInput<ElementType>,
  { wrap = false }: RawOptions = {},
): object {
  const element = elementOf(type);
  if (element instanceof StructType) {
    const structure = new StructObject(element, Memory.allocate(element.size), 0, wrap);
    if (initial !== undefined) fillStructure(structure, initial);
    return structure;
  }
  const checked = initial === undefined ? undefined : element.check(initial, wrap);
  const memory = Memory.allocate(element.size);
  if (checked !== undefined) element.store(memory.cells(element), 0, checked);
  return new RawScalar(element.code, memory, 0, wrap);
} as unknown as RawValueConstructor;
