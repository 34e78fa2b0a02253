import type { Tree } from '../format.ts';
import { type Entry, encodeEntries } from '../references/entry.ts';

/** The modules, functions and classes that a message needs: each once, however often it is used. */
export class ReferenceTable {
  readonly #entries: Entry[] = [];
  readonly #indexes: Map<object, number> = new Map();

  /** @returns the number by which escapes refer to it */
  add(named: object, entry: Entry): number {
    const known = this.#indexes.get(named);
    if (known !== undefined) return known;
    const index = this.#entries.push(entry) - 1;
    this.#indexes.set(named, index);
    return index;
  }

  mark(): number {
    return this.#entries.length;
  }

  rollBack(mark: number): void {
    this.#entries.length = mark;
    for (const [named, index] of this.#indexes) if (index >= mark) this.#indexes.delete(named);
  }

  /** @returns the references of the message */
  finish(): Tree {
    return this.#entries.length === 0 ? null : encodeEntries(this.#entries);
  }
}
