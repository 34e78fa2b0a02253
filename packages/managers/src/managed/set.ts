import { referentOf } from '../server/object-server.ts';
import { SNAPSHOT } from '../snapshot.ts';

/** A set of this or that kind: items, a Set, another set of the same manager. */
type Items<T> = Iterable<T> | object;

/**
 * A set in the server of a manager, with the methods of `Set`, and those of Python's where Set has none.
 *
 * Items are compared as in a Set. Objects arrive as copies, which are equal to nothing: use numbers and texts.
 *
 * Python: `multiprocessing.managers.SetProxy` (3.14).
 */
export class ManagedSet<T = unknown> {
  readonly #set: Set<T>;

  /** @param init - items, or another set of the same manager. Default: empty. */
  constructor(init: unknown = []) {
    this.#set = new Set(itemsOf<T>(init));
  }

  add(item: T): void {
    this.#set.add(item);
  }

  has(item: T): boolean {
    return this.#set.has(item);
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    return this.#set.delete(item);
  }

  clear(): void {
    this.#set.clear();
  }

  size(): number {
    return this.#set.size;
  }

  values(): T[] {
    return [...this.#set];
  }

  /** Takes out one item, the oldest; undefined if there is none. */
  pop(): T | undefined {
    const [first] = this.#set;
    this.#set.delete(first as T);
    return first;
  }

  union(other: Items<T>): Set<T> {
    return new Set([...this.#set, ...itemsOf<T>(other)]);
  }

  intersection(other: Items<T>): Set<T> {
    const others = new Set(itemsOf<T>(other));
    return new Set([...this.#set].filter((item) => others.has(item)));
  }

  difference(other: Items<T>): Set<T> {
    const others = new Set(itemsOf<T>(other));
    return new Set([...this.#set].filter((item) => !others.has(item)));
  }

  symmetricDifference(other: Items<T>): Set<T> {
    const others = new Set(itemsOf<T>(other));
    return new Set([...this.difference(others), ...[...others].filter((item) => !this.#set.has(item))]);
  }

  isSubsetOf(other: Items<T>): boolean {
    return this.difference(other).size === 0;
  }

  isSupersetOf(other: Items<T>): boolean {
    return [...itemsOf<T>(other)].every((item) => this.#set.has(item));
  }

  isDisjointFrom(other: Items<T>): boolean {
    return this.intersection(other).size === 0;
  }

  /** Adds many items. Python: `update`, `|=`. */
  update(items: Items<T>): void {
    for (const item of [...itemsOf<T>(items)]) this.#set.add(item);
  }

  /** Keeps what is in both. Python: `intersection_update`, `&=`. */
  intersectionUpdate(other: Items<T>): void {
    this.#become(this.intersection(other));
  }

  /** Takes out what is in the other. Python: `difference_update`, `-=`. */
  differenceUpdate(other: Items<T>): void {
    this.#become(this.difference(other));
  }

  /** Keeps what is in one of both only. Python: `symmetric_difference_update`, `^=`. */
  symmetricDifferenceUpdate(other: Items<T>): void {
    this.#become(this.symmetricDifference(other));
  }

  /** A Set. */
  copy(): Set<T> {
    return new Set(this.#set);
  }

  [SNAPSHOT](): Set<T> {
    return this.#set;
  }

  #become(items: ReadonlySet<T>): void {
    this.#set.clear();
    for (const item of items) this.#set.add(item);
  }
}

function itemsOf<T>(given: unknown): Iterable<T> {
  const init = referentOf(given);
  if (init instanceof ManagedSet) return init.values() as T[];
  if (typeof init === 'string' || (typeof init === 'object' && init !== null && Symbol.iterator in init)) {
    return init as Iterable<T>;
  }
  throw new TypeError('set: give an array, a Set, or anything else that can be iterated.');
}
