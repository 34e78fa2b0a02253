import type { Pickle } from '@mp/reduction';
import type { Piece } from '../memory/space.ts';

/**
 * A message in a block: what the pickler left beside the pickle, and the pickle.
 *
 *     float64 how many buffers │ … │ at 64: offset and length of each buffer, float64 │ pickle │ buffer │ buffer …
 *
 * Each part begins at a multiple of 64. The log has only the label: block, chunk, offset and length of the pickle.
 */
const TABLE_OFFSET = 64;

/** What the log has instead of the message. */
export interface Label {
  readonly block: number;
  readonly chunk: number;
  readonly offset: number;
  readonly length: number;
}

const align = (offset: number): number => Math.ceil(offset / 64) * 64;

type Message = Pick<Pickle, 'bytes' | 'start' | 'end' | 'buffers'>;

/** How large a block it takes. */
export function parcelSize({ start, end, buffers }: Message): number {
  let size = align(TABLE_OFFSET + buffers.length * 16) + align(end - start);
  for (const buffer of buffers) size += align(buffer.byteLength);
  return size;
}

/** Copies a message into its block. Returns offset and length of the pickle. */
export function packParcel(piece: Piece, { bytes, start, end, buffers }: Message): { offset: number; length: number } {
  const numbers = new DataView(piece.buffer);
  const length = end - start;
  const main = align(TABLE_OFFSET + buffers.length * 16);
  numbers.setFloat64(0, buffers.length, true);
  piece.bytes.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), main);
  let offset = main + align(length);
  for (const [i, buffer] of buffers.entries()) {
    numbers.setFloat64(TABLE_OFFSET + i * 16, offset, true);
    numbers.setFloat64(TABLE_OFFSET + i * 16 + 8, buffer.byteLength, true);
    piece.bytes.set(buffer, offset);
    offset += align(buffer.byteLength);
  }
  return { offset: main, length };
}

/** The buffers of a message, copied: they belong to the value that is made of it. */
export function buffersOf(piece: Piece): Uint8Array[] {
  const numbers = new DataView(piece.buffer);
  return Array.from({ length: numbers.getFloat64(0, true) }, (_, i) => {
    const offset = numbers.getFloat64(TABLE_OFFSET + i * 16, true);
    const length = numbers.getFloat64(TABLE_OFFSET + i * 16 + 8, true);
    return new Uint8Array(piece.buffer.slice(offset, offset + length));
  });
}

export const writeLabel = ({ block, chunk, offset, length }: Label): Uint8Array =>
  new Uint8Array(new Float64Array([block, chunk, offset, length]).buffer);

export const readLabel = (bytes: Buffer, start: number): Label => ({
  block: bytes.readDoubleLE(start),
  chunk: bytes.readDoubleLE(start + 8),
  offset: bytes.readDoubleLE(start + 16),
  length: bytes.readDoubleLE(start + 24),
});
