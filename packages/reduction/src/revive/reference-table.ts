import type { Tree } from '../format.ts';
import { type Source, unpack } from '../messagepack.ts';
import { decodeEntries, type Entry } from '../references/entry.ts';
import { prepare, prepareSync, type Resolved, resolve, resolveUntrusted } from '../references/resolve.ts';
import { corrupt } from './checks.ts';

const NOTHING: readonly Resolved[] = Object.freeze([]);
const NIL = 0xc0;

/** By the bytes of a table, what its entries stand for: most messages of a program have one of very few tables. */
const known = new Map<string, readonly Resolved[]>();
const MOST_KNOWN = 256;

/** The reference table of one message. */
export class ReferenceTable {
  readonly #key: string;
  readonly #entries: readonly Entry[];
  readonly #trusted: boolean;

  private constructor(key: string, entries: readonly Entry[], trusted: boolean) {
    this.#key = key;
    this.#entries = entries;
    this.#trusted = trusted;
  }

  /**
   * Reads the table of a GRAPH message, which is `[from, to)`.
   *
   * @returns what the table stands for, if that is known already
   */
  static read(source: Source, from: number, to: number, trusted: boolean): ReferenceTable | readonly Resolved[] {
    if (source[from] === NIL) return NOTHING;
    const key = source.toString('latin1', from, to);
    const resolved = trusted ? known.get(key) : undefined;
    if (resolved !== undefined) return resolved;
    const tree: Tree = unpack(source, from, to, false);
    const entries = decodeEntries(tree) ?? corrupt('its references are not what they should be');
    return new ReferenceTable(key, entries, trusted);
  }

  /** @returns undefined if modules have to be loaded first */
  resolve(): readonly Resolved[] | undefined {
    if (!this.#trusted) return this.#entries.map(resolveUntrusted);
    const resolved: Resolved[] = [];
    for (const entry of this.#entries) {
      const found = resolve(entry);
      if (found === undefined) return undefined;
      resolved.push(found);
    }
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(this.#key, resolved);
    return resolved;
  }

  load(): Promise<void> {
    return prepare(this.#entries);
  }

  loadSync(): void {
    prepareSync(this.#entries);
  }
}
