import { SNAPSHOT } from '../snapshot.ts';

/** One value in the server of a manager. Python: `multiprocessing.managers.SyncManager.Value`. */
export class ManagedValue<T = unknown> {
  readonly #typecode: string;
  #value: T;

  /** @param typecode - as in Python, for people to read; the value may be of any type */
  constructor(typecode: string, value: T) {
    this.#typecode = typecode;
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
  }

  typecode(): string {
    return this.#typecode;
  }

  [SNAPSHOT](): T {
    return this.#value;
  }
}

/** An array of fixed length in the server of a manager. Python: `multiprocessing.managers.SyncManager.Array`. */
export class ManagedArray<T = unknown> {
  readonly #typecode: string;
  readonly #items: T[];

  /** @param typecode - as in Python, for people to read; the items may be of any type */
  constructor(typecode: string, items: Iterable<T>) {
    this.#typecode = typecode;
    this.#items = [...items];
  }

  /** The item at an index; a negative one counts from the end. Undefined: there is none. */
  at(index: number): T | undefined {
    return this.#items.at(index);
  }

  /** @throws RangeError if there is no such index */
  set(index: number, item: T): void {
    const { length } = this.#items;
    const found = index < 0 ? length + index : index;
    if (!Number.isInteger(found) || found < 0 || found >= length) {
      throw new RangeError(`Array.set: there is no index ${String(index)} in an array of ${length}.`);
    }
    this.#items[found] = item;
  }

  length(): number {
    return this.#items.length;
  }

  slice(start?: number, end?: number): T[] {
    return this.#items.slice(start, end);
  }

  values(): T[] {
    return [...this.#items];
  }

  typecode(): string {
    return this.#typecode;
  }

  [SNAPSHOT](): T[] {
    return this.#items;
  }
}
