import { pack } from '../messagepack.ts';
import { type Entry, encodeEntries } from '../references/entry.ts';

/** The bytes of tables with one entry: most tables have one, and it is always the same few. */
const encoded = new WeakMap<Entry, Uint8Array>();

function encode(entries: readonly Entry[]): Uint8Array {
  const packed = pack(encodeEntries(entries), 0);
  return Uint8Array.prototype.slice.call(packed, packed.start, packed.end);
}

/** The modules, functions and classes that a message needs: each once, however often it is used. */
export class ReferenceTable {
  readonly #entries: Entry[] = [];
  readonly #named: object[] = [];

  /** @returns the number by which escapes refer to it */
  add(named: object, entry: Entry): number {
    // Messages use few classes many times; a Map would cost more than it saves.
    const known = this.#named.length < FEW ? this.#named.indexOf(named) : this.#find(named);
    if (known >= 0) return known;
    this.#named.push(named);
    this.#indexes?.set(named, this.#entries.length);
    return this.#entries.push(entry) - 1;
  }

  #indexes: Map<object, number> | undefined;

  #find(named: object): number {
    this.#indexes ??= new Map(this.#named.map((each, index) => [each, index]));
    return this.#indexes.get(named) ?? -1;
  }

  mark(): number {
    return this.#entries.length;
  }

  rollBack(mark: number): void {
    if (this.#entries.length === mark) return;
    this.#entries.length = mark;
    this.#named.length = mark;
    this.#indexes = undefined;
  }

  /** @returns the references of the message as bytes; undefined if there are none */
  finish(): Uint8Array | undefined {
    const [first] = this.#entries;
    if (first === undefined) return undefined;
    if (this.#entries.length > 1) return encode(this.#entries);
    let bytes = encoded.get(first);
    if (bytes === undefined) {
      bytes = encode(this.#entries);
      encoded.set(first, bytes);
    }
    return bytes;
  }
}

const FEW = 8;
