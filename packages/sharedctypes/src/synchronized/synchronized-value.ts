import { register } from '@mp/reduction';
import type { RawScalar } from '../raw/raw-scalar.ts';
import type { CodeInput, CodeValues, TypeCode } from '../types/scalar.ts';
import { enter, type SharedLock } from './lock.ts';
import { SynchronizedObject } from './synchronized-object.ts';

/** A number or character in shared memory with a lock: what {@link Value} makes of a typecode. */
export class SynchronizedValue<T extends TypeCode> extends SynchronizedObject<RawScalar<T>> {
  readonly #raw: RawScalar<T>;
  readonly #lock: SharedLock;

  /** @internal Use {@link Value} or {@link synchronized}. */
  constructor(raw: RawScalar<T>, lock: SharedLock | true | null | undefined) {
    super(raw, lock);
    this.#raw = raw;
    this.#lock = this.getLock();
  }

  /**
   * The value, read or written under the lock. `v.value += 1` reads, lets go, and writes: others may write in between.
   * {@link update} and {@link withLock} do not let go.
   *
   * @throws RangeError, TypeError when assigned what the type does not take; OwnerDiedError
   */
  get value(): CodeValues[T] {
    enter(this.#lock);
    try {
      return this.#raw.value;
    } finally {
      this.#lock.release();
    }
  }

  set value(value: CodeInput<T>) {
    enter(this.#lock);
    try {
      this.#raw.value = value;
    } finally {
      this.#lock.release();
    }
  }

  /**
   * Replaces the value by what `change` makes of it, with nobody in between. Python has no counterpart.
   *
   * @param change - is called while the lock is held, and must not wait
   * @returns the new value
   * @throws as assigning to {@link value}, and what `change` throws: nothing is changed then
   *
   * @example
   * ```ts
   * const total = counter.update((n) => n + 1);
   * ```
   */
  update(change: (value: CodeValues[T]) => CodeInput<T>): CodeValues[T] {
    enter(this.#lock);
    try {
      this.#raw.value = change(this.#raw.value);
      return this.#raw.value;
    } finally {
      this.#lock.release();
    }
  }
}

register(SynchronizedValue<TypeCode>, {
  name: '@mp/sharedctypes/Value',
  module: import.meta.url,
  reduce: SynchronizedObject.reduce,
  rebuild: ([raw, lock]: [RawScalar<TypeCode>, SharedLock]) => new SynchronizedValue(raw, lock),
});
