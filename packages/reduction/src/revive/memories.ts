import { UnpicklingError } from '../errors.ts';
import { type Tree, VIEW_TYPES } from '../format.ts';
import { bytes, construct, corrupt, type Escape, integer, type NewTarget } from './checks.ts';

/** How much address space a stranger may reserve with resizable buffers in one message. */
const UNTRUSTED_RESERVATION = 2 ** 30;

interface Memory {
  readonly buffer: ArrayBuffer;
  /** Where the memory begins in `buffer`. */
  readonly start: number;
  readonly length: number;
}

/** The memory behind the views of a message, made when the first view needs it. */
export class Memories {
  readonly #trees: readonly Tree[];
  readonly #outOfBand: readonly Uint8Array[];
  readonly #trusted: boolean;
  readonly #made: (Memory | undefined)[] = [];
  #reserved = 0;

  constructor(tree: Tree, outOfBand: readonly Uint8Array[], trusted: boolean) {
    this.#trees = tree === null ? [] : Array.isArray(tree) ? tree : corrupt('its memory is missing');
    this.#outOfBand = outOfBand;
    this.#trusted = trusted;
  }

  arrayBuffer(index: number, newTarget: NewTarget): ArrayBuffer {
    const { buffer, start, length } = this.#memory(index);
    if (newTarget !== undefined) return this.#derived(index, buffer, start, length, newTarget);
    if (start === 0 && length === buffer.byteLength) return buffer;
    // The transport gave a part of a larger ArrayBuffer: from here on it is an ArrayBuffer of its own.
    const own = buffer.slice(start, start + length);
    this.#made[index] = { buffer: own, start: 0, length };
    return own;
  }

  #derived(index: number, from: ArrayBuffer, start: number, length: number, newTarget: NewTarget): ArrayBuffer {
    const options = from.resizable ? [{ maxByteLength: from.maxByteLength }] : [];
    const buffer = construct(ArrayBuffer, [length, ...options], newTarget);
    new Uint8Array(buffer).set(new Uint8Array(from, start, length));
    this.#made[index] = { buffer, start: 0, length };
    return buffer;
  }

  view(node: Escape, newTarget: NewTarget): object {
    const name = VIEW_TYPES[integer(node[2])] ?? corrupt('it has a view of an unknown type');
    const { buffer, start, length: size } = this.#memory(integer(node[3]));
    const offset = integer(node[4]);
    const isTracking = node[5] === -1 && buffer.resizable;
    const length = isTracking ? undefined : integer(node[5]);
    const elementSize = elementSizeOf(name);
    if (offset + (length ?? 0) * elementSize > size) corrupt('a view reaches beyond its memory');
    if ((start + offset) % elementSize !== 0) return this.#aligned(node, newTarget);
    if (name === 'Buffer') {
      const view = Buffer.from(buffer, start + offset, length);
      return newTarget === undefined ? view : Object.setPrototypeOf(view, newTarget.prototype as object);
    }
    const View = (globalThis as unknown as Record<string, Uint8ArrayConstructor | undefined>)[name];
    if (View === undefined)
      throw new UnpicklingError(`The message cannot be unpickled: this version of Node has no ${name}.`);
    return construct(View, [buffer, start + offset, length], newTarget);
  }

  /** A transport that gives unaligned memory gets a copy made. */
  #aligned(node: Escape, newTarget: NewTarget): object {
    const index = integer(node[3]);
    const { buffer, start, length } = this.#memory(index);
    if (start === 0) corrupt('a view is not aligned');
    this.#made[index] = { buffer: buffer.slice(start, start + length), start: 0, length };
    return this.view(node, newTarget);
  }

  #memory(index: number): Memory {
    const known = this.#made[index];
    if (known !== undefined) return known;
    if (index >= this.#trees.length) corrupt('it refers to memory that is not there');
    const tree = this.#trees[index];
    const made = Array.isArray(tree) ? this.#resizable(tree) : this.#fixed(tree);
    this.#made[index] = made;
    return made;
  }

  #fixed(tree: Tree): Memory {
    const source = typeof tree === 'number' ? this.#beside(tree) : bytes(tree);
    return { buffer: source.buffer as ArrayBuffer, start: source.byteOffset, length: source.byteLength };
  }

  #resizable(tree: readonly Tree[]): Memory {
    const source = typeof tree[0] === 'number' ? this.#beside(tree[0]) : bytes(tree[0]);
    const maxByteLength = integer(tree[1]);
    this.#reserved += maxByteLength;
    if (!this.#trusted && this.#reserved > UNTRUSTED_RESERVATION) {
      throw new UnpicklingError('The message cannot be unpickled: an untrusted sender asks for too much memory.');
    }
    const buffer = new ArrayBuffer(source.length, { maxByteLength });
    new Uint8Array(buffer).set(source);
    return { buffer, start: 0, length: source.length };
  }

  #beside(index: number): Uint8Array {
    return this.#outOfBand[index] ?? corrupt('a buffer that belongs to it did not come with it');
  }
}

const elementSizeOf = (name: (typeof VIEW_TYPES)[number]): number => {
  if (name === 'DataView' || name === 'Buffer') return 1;
  return (
    (globalThis as unknown as Record<string, { BYTES_PER_ELEMENT: number } | undefined>)[name]?.BYTES_PER_ELEMENT ?? 1
  );
};
