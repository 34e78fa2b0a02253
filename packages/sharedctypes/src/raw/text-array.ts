import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { Memory } from '../types/memory.ts';
import { type Cells, type Scalar, scalar } from '../types/scalar.ts';
import { place } from './position.ts';

type Reduced = [block: Block, offset: number, length: number];

/**
 * Characters in shared memory, without a lock: what {@link CharArray} and {@link WideCharArray} have in common.
 * Each element is a string of one character.
 */
abstract class TextArray implements Iterable<string> {
  readonly length: number;
  protected readonly memory: Memory;
  protected readonly offset: number;
  protected readonly scalar: Scalar;
  protected readonly cells: Cells;
  /** Of the first element, in cells. */
  protected readonly start: number;

  protected constructor(kind: Scalar, memory: Memory, offset: number, length: number) {
    this.scalar = kind;
    this.memory = memory;
    this.offset = offset;
    this.length = length;
    this.cells = memory.cells(kind);
    this.start = offset / kind.size;
  }

  /** A character; negative positions count from the end. @throws RangeError */
  get(position: number): string {
    return this.scalar.load(this.cells, this.start + place(position, this.length)) as string;
  }

  /** Replaces a character. @throws RangeError for the position, TypeError for the character */
  set(position: number, value: string | Uint8Array): void {
    this.scalar.store(this.cells, this.start + place(position, this.length), this.scalar.check(value, false));
  }

  *[Symbol.iterator](): Generator<string, undefined> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  /** How many characters stand before the first zero. */
  protected get used(): number {
    for (let i = 0; i < this.length; i++) if (this.cells[this.start + i] === 0) return i;
    return this.length;
  }

  /** Writes characters, and a zero behind them if there is room; the rest stays as it is, as in C. */
  protected write(codes: ArrayLike<number>): void {
    if (codes.length > this.length) {
      throw new RangeError(
        `The string is too long: it has ${codes.length} characters, and there is room for ${this.length}`,
      );
    }
    for (let i = 0; i < codes.length; i++) this.cells[this.start + i] = codes[i]!;
    if (codes.length < this.length) this.cells[this.start + codes.length] = 0;
  }

  abstract get value(): string;

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    _options: unknown,
    inspect: (value: unknown) => string,
  ): string {
    return `${this.constructor.name}(${inspect(this.value)}, length=${this.length})`;
  }

  /** @internal */
  static reduce(array: TextArray): Reduced {
    return [array.memory.block, array.offset, array.length];
  }
}

/**
 * Bytes that are text: what `RawArray('c', …)` is. One character is one byte, so only those up to U+00FF can be in it; for
 * other text take type `'u'`, or write the bytes of an encoding.
 *
 * Python: an array of `c_char`; `value` and `raw` are bytes there.
 */
export class CharArray extends TextArray {
  /** @internal */
  constructor(memory: Memory, offset: number, length: number) {
    super(scalar('c'), memory, offset, length);
  }

  /**
   * The text up to the first zero. Assigned a shorter one, a zero is written behind it, and the rest stays as it is.
   *
   * @throws RangeError for a text that is too long; TypeError for characters that are no bytes. Nothing is changed then.
   */
  get value(): string {
    return latin1(this.bytes.subarray(0, this.used));
  }

  set value(value: string | Uint8Array) {
    this.write(toBytes(value));
  }

  /**
   * All bytes, as a copy. Assigned fewer, the rest stays as it is.
   *
   * @throws RangeError for too many
   */
  get raw(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice();
  }

  set raw(value: string | Uint8Array) {
    const bytes = toBytes(value);
    if (bytes.length > this.length) {
      throw new RangeError(`The bytes are too long: there are ${bytes.length}, and there is room for ${this.length}`);
    }
    this.bytes.set(bytes);
  }

  private get bytes(): Uint8Array<ArrayBuffer> {
    return (this.cells as Uint8Array<ArrayBuffer>).subarray(this.start, this.start + this.length);
  }
}

/**
 * Text of any script: what `RawArray('u', …)` is. Each element is a code point, of 4 bytes.
 *
 * Python: an array of `c_wchar`.
 */
export class WideCharArray extends TextArray {
  /** @internal */
  constructor(memory: Memory, offset: number, length: number) {
    super(scalar('u'), memory, offset, length);
  }

  /** The text up to the first zero; as {@link CharArray.value}. */
  get value(): string {
    let text = '';
    for (let i = 0; i < this.used; i++) text += this.get(i);
    return text;
  }

  set value(value: string) {
    this.write(toCodePoints(value));
  }
}

/** @throws TypeError */
export function toBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') throw new TypeError('A char array takes a string or a Uint8Array');
  return Uint8Array.from(value, (character) => {
    const code = character.codePointAt(0)!;
    if (code <= 0xff) return code;
    throw new TypeError(
      `'${character}' is no character of one byte. Take type 'u' for such text, or the bytes of an encoding: new TextEncoder().encode(text)`,
    );
  });
}

/** @throws TypeError */
export function toCodePoints(value: unknown): Uint32Array {
  if (typeof value !== 'string') throw new TypeError('An array of wide characters takes a string');
  return Uint32Array.from([...value], (character) => character.codePointAt(0)!);
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

register(CharArray, {
  name: '@mp/sharedctypes/CharArray',
  module: import.meta.url,
  reduce: TextArray.reduce,
  rebuild: ([block, offset, length]: Reduced) => new CharArray(Memory.over(block), offset, length),
});

register(WideCharArray, {
  name: '@mp/sharedctypes/WideCharArray',
  module: import.meta.url,
  reduce: TextArray.reduce,
  rebuild: ([block, offset, length]: Reduced) => new WideCharArray(Memory.over(block), offset, length),
});
