import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { Memory } from '../types/memory.ts';
import { type Cells, type CodeInput, type CodeValues, type Scalar, scalar, type TypeCode } from '../types/scalar.ts';

/**
 * One number or character in shared memory, without a lock. Made by {@link RawValue}.
 *
 * Reading and writing are atomic, each by itself; `x.value += 1` is both. Use a {@link Value}, whose lock is held in between.
 */
export class RawScalar<T extends TypeCode> {
  /** Its type, as it was given. */
  readonly type: T;
  /** Whether a number that does not fit wraps around, as in C, instead of being an error. */
  readonly wrap: boolean;
  readonly #scalar: Scalar;
  readonly #cells: Cells;
  readonly #index: number;
  readonly #memory: Memory;

  /** @internal */
  constructor(type: T, memory: Memory, offset: number, wrap: boolean) {
    this.type = type;
    this.wrap = wrap;
    this.#scalar = scalar(type);
    this.#memory = memory;
    this.#cells = memory.cells(this.#scalar);
    this.#index = offset / this.#scalar.size;
  }

  /**
   * The value. Assigning what the type has no room for is a RangeError, unless made with `{ wrap: true }`; what is of
   * another kind, such as a fraction to an integer, is a TypeError. Nothing is changed then.
   */
  get value(): CodeValues[T] {
    return this.#scalar.load(this.#cells, this.#index) as CodeValues[T];
  }

  set value(value: CodeInput<T>) {
    this.#scalar.store(this.#cells, this.#index, this.#scalar.check(value, this.wrap));
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    _options: unknown,
    inspect: (value: unknown) => string,
  ): string {
    return `RawValue('${this.type}', ${inspect(this.value)})`;
  }

  /** @internal */
  static reduce(value: RawScalar<TypeCode>): ReducedScalar {
    return [value.type, value.#memory.block, value.#index * value.#scalar.size, value.wrap];
  }

  /** @internal */
  static rebuild([type, block, offset, wrap]: ReducedScalar): RawScalar<TypeCode> {
    return new RawScalar(type, Memory.over(block), offset, wrap);
  }
}

type ReducedScalar = [type: TypeCode, block: Block, offset: number, wrap: boolean];

register(RawScalar, {
  name: '@mp/sharedctypes/RawValue',
  module: import.meta.url,
  reduce: RawScalar.reduce,
  rebuild: RawScalar.rebuild,
});
