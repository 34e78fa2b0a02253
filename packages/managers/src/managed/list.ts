import { isDeepStrictEqual } from 'node:util';
import { referentOf } from '../server/object-server.ts';
import { SNAPSHOT } from '../snapshot.ts';

/**
 * A list in the server of a manager, with the methods of `Array`, and those of Python's where Array has none.
 *
 * Items are compared by value, for objects arrive as copies.
 *
 * Python: `multiprocessing.managers.ListProxy`.
 */
export class ManagedList<T = unknown> {
  readonly #items: T[];

  /** @param init - items, or another list of the same manager. Default: empty. */
  constructor(init: unknown = []) {
    this.#items = [...itemsOf<T>(init)];
  }

  /** The item at an index; a negative one counts from the end. Undefined: there is none. */
  at(index: number): T | undefined {
    return this.#items.at(index);
  }

  /** @throws RangeError if there is no such index: nothing grows by it (Array: with holes) */
  set(index: number, item: T): void {
    this.#items[this.#index(index, 'set')] = item;
  }

  length(): number {
    return this.#items.length;
  }

  /** Adds items at the end. How many there are then. */
  push(...items: T[]): number {
    for (const item of items) this.#items.push(item);
    return this.#items.length;
  }

  /** Takes out the last item, or the one at an index. Undefined if the list is empty. */
  pop(index = -1): T | undefined {
    if (this.#items.length === 0) return undefined;
    return this.#items.splice(this.#index(index, 'pop'), 1)[0];
  }

  /** Takes out the first item. */
  shift(): T | undefined {
    return this.#items.shift();
  }

  /** Adds items in front. How many there are then. */
  unshift(...items: T[]): number {
    return this.#items.unshift(...items);
  }

  slice(start?: number, end?: number): T[] {
    return this.#items.slice(start, end);
  }

  /** As that of Array. What was taken out. */
  splice(start: number, deleteCount: number = Number.POSITIVE_INFINITY, ...items: T[]): T[] {
    return this.#items.splice(start, deleteCount, ...items);
  }

  /** Puts an item in front of the one at an index. */
  insert(index: number, item: T): void {
    this.#items.splice(index, 0, item);
  }

  /** Adds many items at the end. */
  extend(items: Iterable<T> | object): void {
    for (const item of [...itemsOf<T>(items)]) this.#items.push(item);
  }

  /** Takes out the first item that is equal. @throws RangeError if there is none */
  remove(item: T): void {
    const index = this.indexOf(item);
    if (index === -1) throw new RangeError('list.remove: there is no such item.');
    this.#items.splice(index, 1);
  }

  /** The index of the first item that is equal, from `from` on; -1: there is none. */
  indexOf(item: T, from = 0): number {
    const start = from < 0 ? Math.max(0, this.#items.length + from) : from;
    return this.#items.findIndex((other, index) => index >= start && isDeepStrictEqual(other, item));
  }

  includes(item: T): boolean {
    return this.indexOf(item) !== -1;
  }

  /** How many items are equal. */
  count(item: T): number {
    return this.#items.filter((other) => isDeepStrictEqual(other, item)).length;
  }

  reverse(): void {
    this.#items.reverse();
  }

  /** @param compare - an exported function, which is called in the server. Default: numbers by value, all else as text. */
  sort(compare: (a: T, b: T) => number = byValue): void {
    this.#items.sort(compare);
  }

  join(separator?: string): string {
    return this.#items.join(separator);
  }

  /** The items and those of others, as an array. */
  concat(...others: readonly (readonly T[] | object)[]): T[] {
    return [...this.#items, ...others.flatMap((other) => [...itemsOf<T>(other)])];
  }

  /** Puts one item everywhere, or from an index on, up to another one. */
  fill(item: T, start?: number, end?: number): void {
    this.#items.fill(item, start, end);
  }

  /** The index of the last item that is equal; -1: there is none. */
  lastIndexOf(item: T): number {
    return this.#items.findLastIndex((other) => isDeepStrictEqual(other, item));
  }

  /** @param test - an exported function, which is called in the server; so it is in what follows */
  find(test: Test<T>): T | undefined {
    return this.#items.find(test);
  }

  findIndex(test: Test<T>): number {
    return this.#items.findIndex(test);
  }

  filter(test: Test<T>): T[] {
    return this.#items.filter(test);
  }

  some(test: Test<T>): boolean {
    return this.#items.some(test);
  }

  every(test: Test<T>): boolean {
    return this.#items.every(test);
  }

  map(make: (item: T, index: number) => unknown): unknown[] {
    return this.#items.map((item, index) => make(item, index));
  }

  reduce(combine: (before: never, item: T, index: number) => unknown, ...initial: [unknown?]): unknown {
    const items = this.#items as unknown[];
    const step = (before: unknown, item: unknown, index: number): unknown => combine(before as never, item as T, index);
    return initial.length === 0 ? items.reduce(step) : items.reduce(step, initial[0]);
  }

  keys(): number[] {
    return [...this.#items.keys()];
  }

  entries(): [number, T][] {
    return [...this.#items.entries()];
  }

  clear(): void {
    this.#items.length = 0;
  }

  /** An array. Proxies in it stay proxies. */
  copy(): T[] {
    return [...this.#items];
  }

  /** All items. */
  values(): T[] {
    return this.copy();
  }

  [SNAPSHOT](): T[] {
    return this.#items;
  }

  #index(index: number, method: string): number {
    const { length } = this.#items;
    const found = index < 0 ? length + index : index;
    if (Number.isInteger(found) && found >= 0 && found < length) return found;
    throw new RangeError(`list.${method}: there is no index ${String(index)} in a list of ${length}.`);
  }
}

type Test<T> = (item: T, index: number) => unknown;

/** Array sorts numbers as texts; Python does not. */
function byValue(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  const [first, second] = [String(a), String(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function itemsOf<T>(given: unknown): Iterable<T> {
  const init = referentOf(given);
  if (init instanceof ManagedList) return init.copy() as T[];
  if (typeof init === 'string' || (typeof init === 'object' && init !== null && Symbol.iterator in init)) {
    return init as Iterable<T>;
  }
  throw new TypeError('list: give an array, or anything else that can be iterated.');
}
