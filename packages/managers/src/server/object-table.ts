import type { ServedObject } from './served-object.ts';

/**
 * All objects of a server by their numbers.
 *
 * An object lives as long as a client refers to it or a proxy of it is on its way (both are counted: `hold`, `letGo`), or
 * another living object has a proxy of it, which has the object itself. So objects that contain each other and that no
 * client refers to are collected like any others.
 */
export class ObjectTable {
  readonly #known = new Map<number, WeakRef<ServedObject>>();
  readonly #held = new Map<ServedObject, number>();
  readonly #collected = new FinalizationRegistry<number>((id) => this.#known.delete(id));
  #last = 0;

  /** The number of the next object. */
  next(): number {
    return ++this.#last;
  }

  add(object: ServedObject): void {
    this.#known.set(object.id, new WeakRef(object));
    this.#collected.register(object, object.id);
  }

  get(id: number): ServedObject | undefined {
    return this.#known.get(id)?.deref();
  }

  /** Somebody outside refers to it once more. */
  hold(object: ServedObject): void {
    this.#held.set(object, (this.#held.get(object) ?? 0) + 1);
  }

  letGo(object: ServedObject): void {
    const count = this.#held.get(object) ?? 0;
    if (count > 1) this.#held.set(object, count - 1);
    else this.#held.delete(object);
  }

  /** How many objects somebody outside refers to. */
  get size(): number {
    return this.#held.size;
  }

  /** Those, and how many times somebody refers to each. */
  entries(): Iterable<[ServedObject, number]> {
    return this.#held.entries();
  }
}
