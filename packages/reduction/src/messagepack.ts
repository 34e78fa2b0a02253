import type { Packr } from 'msgpackr';
import type { Tree } from './format.ts';
import { loadAccelerated } from './msgpackr/accelerated.ts';
import type { Copy } from './msgpackr/copy.ts';
import { loadPortable } from './msgpackr/portable.ts';

/** The extension types that msgpackr decodes of its own accord. None of them is in our format but 0, `undefined`. */
const FOREIGN_EXTENSIONS = [0x42, 0x62, 0x65, 0x69, 0x70, 0x73, 0x74, 0x78, 0xff];

interface Codec {
  readonly packr: Packr;
  readonly clearSource: () => void;
}

function makeCodec(copy: Copy): Codec {
  // A corrupt message can contain the token of C1, and would hand out the one object of that kind.
  Object.freeze(copy.C1);
  for (const type of FOREIGN_EXTENSIONS) {
    copy.addExtension({
      type,
      unpack: () => {
        throw new Error(`extension type ${type} is not part of the format`);
      },
    });
  }
  const packr = new copy.Packr({
    useRecords: false,
    variableMapSize: true,
    structuredClone: false,
    useToJSON: false,
    writeFunction: () => {
      throw new TypeError('a function appeared where another value was a moment ago');
    },
  });
  return { packr, clearSource: copy.clearSource };
}

let codec: Codec | undefined;

/** Decoded bytes after which the native extractor has paid for its loading (10 ms, against about 2 ns a byte). */
const NATIVE_PAYS = 8 << 20;
let decodedBytes = 0;

/** REUSE_BUFFER_MODE, RESET_BUFFER_MODE and RESERVE_START_SPACE of msgpackr; the lowest byte is how much to reserve. */
const IN_PLACE = 512 | 1024 | 2048;

/** How much can be left free in front of a message. */
export const MOST_RESERVED = 255;

/** msgpackr's buffer with the position of what was just packed into it. */
export interface Packed extends Buffer {
  readonly start: number;
  readonly end: number;
}

/** A buffer larger than this is given up as soon as the messages are small again. */
const LARGE = 1 << 20;
const SMALL_MESSAGES = 64;
let small = 0;

/**
 * Packs into memory that is used again by the next call.
 *
 * @param reserve - so many bytes are left free in front, at most {@link MOST_RESERVED}
 * @returns the memory; the message, with its free bytes, is `[start, end)`
 */
export function pack(value: unknown, reserve: number): Packed {
  codec ??= makeCodec(loadPortable());
  const isInner = isPacking; // in a getter that pickles: msgpackr has put the outer message aside, but not its memory
  isPacking = true;
  try {
    const packed = codec.packr.pack(value, IN_PLACE + reserve) as Packed;
    if (packed.length > LARGE && !isInner) giveUpWhenIdle(codec.packr, packed);
    return packed;
  } finally {
    isPacking = isInner;
  }
}

let isPacking = false;

function giveUpWhenIdle(packr: Packr, packed: Packed): void {
  small = packed.end - packed.start > packed.length >>> 3 ? 0 : small + 1;
  if (small < SMALL_MESSAGES) return;
  small = 0;
  packr.useBuffer(Buffer.allocUnsafeSlow(8192));
}

/**
 * Memory that msgpackr may read from: our own view of what somebody else owns.
 *
 * msgpackr leaves a property on it, and takes the bytes of a Buffer out of it with `subarray`, which would be a view of
 * memory that is used again. Its option `copyBuffers` makes an ArrayBuffer for each, 700 ns; here small ones get a
 * place in Node's pool instead, as those of `Buffer.from` do.
 */
export type Source = Buffer & { readonly isSource: true };

/** How the present message wants its bytes: in the pool if they are small, or each in an ArrayBuffer of its own. */
let inPool = true;
const SMALL_BYTES = 4096;

function copyOut(this: Source, start: number, end: number): Buffer {
  if (!inPool || end - start > SMALL_BYTES) return Uint8Array.prototype.slice.call(this, start, end) as Buffer;
  const length = Math.min(end, this.length) - start;
  const copy = Buffer.allocUnsafe(length);
  this.copy(copy, 0, start, start + length);
  return copy;
}

export function sourceOf(bytes: Uint8Array): Source {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Object.defineProperty(view, 'subarray', { value: copyOut }) as Source;
}

const range = { start: 0, end: 0 };
const scratch = sourceOf(Buffer.allocUnsafeSlow(192));
/** msgpackr has a fast way for keys and short strings that it takes only near the start of the memory. */
const NEAR = 180;

/**
 * Unpacks one value. Everything is copied out of `source`.
 *
 * @param exact - every Buffer has an ArrayBuffer of exactly its size
 * @throws whatever msgpackr makes of a corrupt message
 */
export function unpack(source: Source, start: number, end: number, exact: boolean): Tree {
  if (end <= start) throw new RangeError('there is nothing to unpack');
  codec ??= makeCodec(loadPortable());
  decodedBytes += end - start;
  if (decodedBytes > NATIVE_PAYS) accelerate();
  inPool = !exact;
  let bytes = source;
  range.start = start;
  range.end = end;
  if (end >= NEAR && end - start < NEAR && (bytes[start] as number) >> 4 === 8) {
    source.copy(scratch, 0, start, end);
    bytes = scratch;
    range.start = 0;
    range.end = end - start;
  }
  try {
    return codec.packr.unpack(bytes, range) as Tree;
  } catch (error) {
    // A stack overflow at the wrong moment leaves msgpackr believing that it is still at work on this message.
    codec.clearSource();
    throw error;
  }
}

function accelerate(): void {
  decodedBytes = Number.NEGATIVE_INFINITY;
  codec = makeCodec(loadAccelerated());
}
