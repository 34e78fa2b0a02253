import type { Context } from '@mp/context';
import type { RawScalar } from '../raw/raw-scalar.ts';
import { type RawOptions, RawValue } from '../raw/raw-value.ts';
import type { CodeInput, TypeCode } from '../types/scalar.ts';
import type { ElementType, Fields, StructType } from '../types/struct-type.ts';
import type { Structure, StructureInput } from '../types/values.ts';
import type { SharedLock } from './lock.ts';
import { wrap } from './synchronized.ts';
import type { SynchronizedStructure } from './synchronized-structure.ts';
import type { SynchronizedValue } from './synchronized-value.ts';

/** What {@link Value} and {@link SharedArray} take. */
export interface ValueOptions extends RawOptions {
  /** The lock to use. Default (also for null and true): a new RLock. False: none, as {@link RawValue} and {@link RawArray}. */
  readonly lock?: SharedLock | boolean | null | undefined;
  /** As in Python; of no consequence: an object works with processes of every start method at once. */
  readonly context?: Context | undefined;
}

type WithoutLock = ValueOptions & { readonly lock: false };
type WithLock = ValueOptions & { readonly lock?: SharedLock | true | null | undefined };

/** See {@link Value}. */
interface ValueConstructor {
  new <T extends TypeCode>(type: T, initial: CodeInput<T> | undefined, options: WithoutLock): RawScalar<T>;
  new <T extends TypeCode>(type: T, initial?: CodeInput<T>, options?: WithLock): SynchronizedValue<T>;
  new <F extends Fields>(
    type: StructType<F>,
    initial: StructureInput<F> | undefined,
    options: WithoutLock,
  ): Structure<F>;
  new <F extends Fields>(
    type: StructType<F>,
    initial?: StructureInput<F>,
    options?: WithLock,
  ): SynchronizedStructure<F>;
}

/**
 * A value in shared memory with a lock, seen by every process that it is sent to or that is forked.
 *
 * | type | in JavaScript |
 * |---|---|
 * | `b B h H i I` | integers of 8, 16, 32 bits, signed and unsigned: number |
 * | `l L q Q` | integers of 64 bits: BigInt; numbers can be assigned |
 * | `f d` | floats of 32 and 64 bits: number |
 * | `c u` | a character of one byte; a code point: string |
 * | `struct({…})` | a property for each field |
 *
 * It is freed when no process has it any more. Numbers that do not fit are a RangeError, unless `{ wrap: true }`.
 *
 * Python: `multiprocessing.Value`. There the lock is an argument by name, as here, and integers wrap around silently.
 *
 * @param type - a typecode, or what {@link struct} returned
 * @param initial - default: zero
 * @throws TypeError, RangeError when the value is none of that type, or the lock is none
 *
 * @example
 * ```ts
 * const counter = new Value('i', 0);
 * const p = new Process({ target: count, args: [counter] }); // there: counter.update((n) => n + 1)
 * await p.start();
 * await p.join();
 * console.log(counter.value);
 * ```
 */
export const Value: ValueConstructor = function Value(
  type: TypeCode,
  initial?: CodeInput<TypeCode>,
  { lock, ...options }: ValueOptions = {},
): object {
  const raw = new RawValue(type, initial, options);
  return lock === false ? raw : wrap(raw, lock, options.wrap === true);
} as unknown as ValueConstructor;

/** What `new Value` with a lock returns, for the parameter of a function that gets one: `counter: Value<'i'>`. */
export type Value<T extends ElementType> = T extends TypeCode
  ? SynchronizedValue<T>
  : T extends StructType<infer F>
    ? SynchronizedStructure<F>
    : never;
