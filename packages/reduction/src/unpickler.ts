import { UnpicklingError } from './errors.ts';
import { GRAPH, PLAIN, type Tree } from './format.ts';
import { type Source, sourceOf, unpack } from './messagepack.ts';
import type { Resolved } from './references/resolve.ts';
import { corrupt } from './revive/checks.ts';
import { Descriptors } from './revive/descriptors.ts';
import { Memories } from './revive/memories.ts';
import { ReferenceTable } from './revive/reference-table.ts';
import { Reviver } from './revive/reviver.ts';
import { skip, validate } from './tokens.ts';
import { inWords } from './words.ts';

/** What an {@link Unpickler} is told when it is made. */
export interface UnpicklerOptions {
  /**
   * Whether the sender may name modules to import, and functions and classes in them. Default: true, which is right
   * for processes that this one has started. With false only plain data, built-in types and classes registered with
   * `untrusted: true` are accepted; everything else is an {@link UnpicklingError}.
   */
  trusted?: boolean;
  /**
   * How many arrays, objects and escapes may stand inside each other in the message. What a pickler writes stays below
   * 800, however deep the value is. Default: 1000 for senders that are not trusted; unlimited, but by the stack, for others.
   */
  maxDepth?: number;
}

const UNTRUSTED_DEPTH = 1000;

/** A message as a transport has received it. */
export interface IncomingPickle {
  /** Memory that holds the message. It may be used again after `finish`: everything is copied out of it. */
  readonly bytes: Uint8Array;
  /** Where it begins in `bytes`. */
  readonly start: number;
  /** Where it ends, exclusive. */
  readonly end: number;
  /** The buffers beside the message. They become the property of the value, without a copy if each is an ArrayBuffer of its own. */
  readonly buffers?: readonly Uint8Array[];
  /** The descriptors beside the message. */
  readonly descriptors?: readonly number[];
  /** Set by `finish`, also when it throws: the descriptors that nobody took, which the transport has to close. */
  unclaimed?: readonly number[];
}

/**
 * Turns messages back into values.
 *
 * @example
 * ```ts
 * const unpickler = new Unpickler();
 * await unpickler.prepare(incoming); // undefined at once when nothing has to be imported
 * const value = unpickler.finish(incoming);
 * ```
 */
export class Unpickler {
  readonly #trusted: boolean;
  /** Up to which depth the structure is checked beforehand; undefined: it is not. */
  readonly #maxDepth: number | undefined;
  #bytes: Uint8Array | undefined;
  #source: Source = sourceOf(new Uint8Array(0));

  constructor(options: UnpicklerOptions = {}) {
    const { trusted = true, maxDepth } = options;
    if (maxDepth !== undefined && !(Number.isInteger(maxDepth) && maxDepth > 0)) {
      throw new RangeError(`maxDepth must be a positive integer, but is ${String(maxDepth)}`);
    }
    this.#trusted = trusted;
    this.#maxDepth = maxDepth ?? (trusted ? undefined : UNTRUSTED_DEPTH);
  }

  /**
   * Loads the modules that a message needs.
   *
   * @returns undefined when there is nothing to wait for, at the cost of comparing one byte for most messages. Else a
   * promise that rejects with an {@link UnpicklingError} when a module cannot be loaded or does not export what the
   * message names; `bytes` must stay as they are until it is settled and {@link finish} was called. Messages that are
   * corrupt are left to `finish`.
   */
  prepare(incoming: IncomingPickle): Promise<void> | undefined {
    const { bytes, start } = incoming;
    if (bytes[start] !== GRAPH) return undefined;
    const table = this.#unresolvedTable(incoming);
    return table === undefined ? undefined : table.load();
  }

  /**
   * Loads the modules that a message needs, synchronously.
   *
   * @throws ModuleNotLoadedError when Node cannot do that. The message is untouched: load the module named in the error
   * and try again, or use {@link prepare}.
   * @throws UnpicklingError when a module cannot be loaded at all
   */
  prepareSync(incoming: IncomingPickle): void {
    const { bytes, start } = incoming;
    if (bytes[start] === GRAPH) this.#unresolvedTable(incoming)?.loadSync();
  }

  /** @returns undefined if everything is there, or never will be: then `finish` says so */
  #unresolvedTable({ bytes, start, end }: IncomingPickle): ReferenceTable | undefined {
    try {
      const source = this.#view(bytes);
      const table = ReferenceTable.read(source, start + 1, skip(source, start + 1, end), this.#trusted);
      return table instanceof ReferenceTable && table.resolve() === undefined ? table : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Decodes a message. Everything is copied out of `bytes`; `buffers` and the descriptors that a `rebuild` has taken
   * belong to the value from now on, the other descriptors are in `incoming.unclaimed`.
   *
   * Modules that nobody has prepared are loaded as by {@link prepareSync}.
   *
   * @throws ModuleNotLoadedError
   * @throws UnpicklingError whatever the message is: nothing else is thrown, and the unpickler can be used again
   */
  finish(incoming: IncomingPickle): unknown {
    const { bytes, start, end, descriptors } = incoming;
    if (descriptors !== undefined && descriptors.length > 0) incoming.unclaimed = descriptors;
    try {
      if (!(end - start > 1) || start < 0 || end > bytes.length) corrupt('it is cut off');
      const source = this.#view(bytes);
      const format = source[start];
      if (format !== PLAIN && format !== GRAPH) corrupt('it does not begin like one');
      return format === PLAIN ? this.#value(source, start + 1, end, false) : this.#finishGraph(incoming, source);
    } catch (error) {
      throw explain(error);
    }
  }

  #value(source: Source, start: number, end: number, exact: boolean): Tree {
    if (this.#maxDepth !== undefined) validate(source, start, end, this.#maxDepth);
    return unpack(source, start, end, exact);
  }

  /** A ring is one object for as long as it lives: its view is kept. */
  #view(bytes: Uint8Array): Source {
    if (bytes === this.#bytes) return this.#source;
    this.#source = sourceOf(bytes);
    this.#bytes = bytes;
    return this.#source;
  }

  #finishGraph(incoming: IncomingPickle, source: Source): unknown {
    const { start, end } = incoming;
    const trusted = this.#trusted;
    const tableEnd = skip(source, start + 1, end);
    const references = resolved(ReferenceTable.read(source, start + 1, tableEnd, trusted));
    const parts = this.#value(source, tableEnd, end, true);
    if (!Array.isArray(parts) || parts.length < 2) return corrupt('its parts are missing');
    const descriptors = new Descriptors(incoming.descriptors ?? []);
    const memories = new Memories(parts[0], incoming.buffers ?? [], trusted);
    const reviver = new Reviver(parts, { references, memories, descriptors, trusted });
    try {
      return reviver.run();
    } catch (error) {
      descriptors.release();
      throw error;
    } finally {
      if (incoming.unclaimed !== undefined) incoming.unclaimed = descriptors.unclaimed;
    }
  }
}

function resolved(table: ReferenceTable | readonly Resolved[]): readonly Resolved[] {
  if (!(table instanceof ReferenceTable)) return table;
  const known = table.resolve();
  if (known !== undefined) return known;
  table.loadSync();
  return table.resolve() ?? corrupt('what it needs is not there, though its modules are loaded');
}

function explain(error: unknown): UnpicklingError {
  if (error instanceof UnpicklingError) return error;
  return new UnpicklingError(`The message cannot be unpickled: ${inWords(error)}`, { cause: error });
}
