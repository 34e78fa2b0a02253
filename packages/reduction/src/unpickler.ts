import { UnpicklingError } from './errors.ts';
import { GRAPH, PLAIN, type Tree } from './format.ts';
import { unpack } from './messagepack.ts';
import { inWords } from './reduce/words.ts';
import { corrupt } from './revive/checks.ts';
import { Memories } from './revive/memories.ts';
import { Reviver } from './revive/reviver.ts';

/** What an {@link Unpickler} is told when it is made. */
export interface UnpicklerOptions {
  /**
   * Whether the sender may name modules to import, and functions and classes in them. Default: true, which is right
   * for processes that this one has started. With false only plain data, built-in types and classes registered with
   * `untrusted: true` are accepted; everything else is an {@link UnpicklingError}.
   */
  trusted?: boolean;
}

/** A message as a transport has received it. */
export interface IncomingPickle {
  /** Memory that holds the message. It may be used again after `finish`: everything is copied out of it. */
  readonly bytes: Uint8Array;
  readonly start: number;
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
  #bytes: Uint8Array | undefined;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(options: UnpicklerOptions = {}) {
    this.#trusted = options.trusted ?? true;
  }

  /**
   * Loads the modules that a message needs.
   *
   * @returns undefined when there is nothing to wait for
   */
  prepare(_incoming: IncomingPickle): Promise<void> | undefined {
    return undefined;
  }

  /** Loads the modules that a message needs, synchronously. */
  prepareSync(_incoming: IncomingPickle): void {}

  /**
   * Decodes a message.
   *
   * @throws UnpicklingError
   */
  finish(incoming: IncomingPickle): unknown {
    const { bytes, start, end } = incoming;
    const buffer = bytes === this.#bytes ? this.#buffer : this.#view(bytes);
    const format = buffer[start];
    try {
      if (!(end - start > 1) || start < 0 || end > buffer.length) corrupt('it is cut off');
      if (format === PLAIN) return unpack(buffer, start + 1, end);
      if (format !== GRAPH) corrupt('it does not begin like one');
      return this.#finishGraph(incoming, unpack(buffer, start + 1, end));
    } catch (error) {
      throw explain(error);
    }
  }

  /** msgpackr wants a Buffer, and leaves a property on it: so it gets one of our own. */
  #view(bytes: Uint8Array): Buffer {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#buffer;
  }

  #finishGraph(incoming: IncomingPickle, tree: Tree): unknown {
    if (!Array.isArray(tree) || tree.length < 3) return corrupt('its parts are missing');
    const [, memories, ...parts] = tree;
    const memory = new Memories(memories, incoming.buffers ?? [], this.#trusted);
    return new Reviver(parts, memory, { trusted: this.#trusted }).run();
  }
}

function explain(error: unknown): UnpicklingError {
  if (error instanceof UnpicklingError) return error;
  return new UnpicklingError(`The message cannot be unpickled: ${inWords(error)}`, { cause: error });
}
