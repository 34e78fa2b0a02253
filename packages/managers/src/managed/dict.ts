import { referentOf } from '../server/object-server.ts';
import { SNAPSHOT } from '../snapshot.ts';

/** What a dict can be made of. */
export type DictInit<K, V> = Iterable<readonly [K, V]> | Readonly<Record<string, V>>;

/**
 * A dict in the server of a manager, with the methods of `Map`, and those of Python's where Map has none.
 *
 * Keys are compared as in a Map. Objects arrive as copies, which are no keys of anything: use numbers and texts.
 *
 * Python: `multiprocessing.managers.DictProxy`.
 */
export class ManagedDict<K = unknown, V = unknown> {
  readonly #map: Map<K, V>;

  /** @param init - pairs, a Map, a plain object, another dict of the same manager. Default: empty. */
  constructor(init: unknown = []) {
    this.#map = new Map(entriesOf<K, V>(init));
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map.clear();
  }

  size(): number {
    return this.#map.size;
  }

  keys(): K[] {
    return [...this.#map.keys()];
  }

  values(): V[] {
    return [...this.#map.values()];
  }

  entries(): [K, V][] {
    return [...this.#map.entries()];
  }

  /** Takes a value out; undefined, or what is given for that, if it is not there. */
  pop(key: K, otherwise?: V): V | undefined {
    if (!this.#map.has(key)) return otherwise;
    const value = this.#map.get(key);
    this.#map.delete(key);
    return value;
  }

  /** Takes out the entry that was added last; undefined if there is none. */
  popItem(): [K, V] | undefined {
    const last = this.entries().at(-1);
    if (last !== undefined) this.#map.delete(last[0]);
    return last;
  }

  /** The value of a key, which it is given first if it has none. */
  setDefault(key: K, value: V): V {
    if (!this.#map.has(key)) this.#map.set(key, value);
    return this.#map.get(key) as V;
  }

  /** Sets many entries. */
  update(entries: DictInit<K, V> | object): void {
    for (const [key, value] of entriesOf<K, V>(entries)) this.#map.set(key, value);
  }

  /** A Map. Proxies in it stay proxies. */
  copy(): Map<K, V> {
    return new Map(this.#map);
  }

  [SNAPSHOT](): Map<K, V> {
    return this.#map;
  }
}

function entriesOf<K, V>(given: unknown): Iterable<readonly [K, V]> {
  const init = referentOf(given);
  if (init instanceof ManagedDict) return init.entries() as [K, V][];
  if (typeof init === 'object' && init !== null) {
    return Symbol.iterator in init ? (init as Iterable<[K, V]>) : (Object.entries(init) as Iterable<[K, V]>);
  }
  throw new TypeError('dict: give pairs of key and value, a Map, a plain object or another dict.');
}
