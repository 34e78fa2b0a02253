import type { Incoming, MessageKind, Outgoing } from '../transport.ts';
import type { MappedSegment } from './mapped.ts';
import { segmentPool } from './pool.ts';
import { align64, BUFFER_COUNT_OFFSET, type Segment, TABLE_OFFSET } from './segment.ts';

/** What stands in the ring for a message in a segment: id, size of the segment, offset and length of the main part. */
export const PARCEL_BYTES = 32;

/** Copies a message into a segment. */
export function packParcel(message: Outgoing): { readonly segment: Segment; readonly label: Uint8Array } {
  const { bytes, start, end, buffers } = message;
  const length = end - start;
  let offset = align64(TABLE_OFFSET + buffers.length * 16);
  const main = offset;
  offset += align64(length);
  const offsets = buffers.map((buffer) => {
    const at = offset;
    offset += align64(buffer.byteLength);
    return at;
  });
  const segment = segmentPool.acquire(offset);
  const numbers = new DataView(segment.buffer);
  numbers.setFloat64(BUFFER_COUNT_OFFSET, buffers.length, true);
  try {
    for (const [i, buffer] of buffers.entries()) {
      numbers.setFloat64(TABLE_OFFSET + i * 16, offsets[i]!, true);
      numbers.setFloat64(TABLE_OFFSET + i * 16 + 8, buffer.byteLength, true);
      segment.put(buffer, offsets[i]!);
    }
    segment.put(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length), main);
  } catch (error) {
    segment.vacate();
    throw error;
  }
  segment.filled();
  const label = new Float64Array([segment.id, segment.size, main, length]);
  return { segment, label: new Uint8Array(label.buffer) };
}

/** What {@link packParcel} wrote into the ring. */
export function readLabel(bytes: Buffer, start: number): { id: number; size: number; offset: number; length: number } {
  return {
    id: bytes.readDoubleLE(start),
    size: bytes.readDoubleLE(start + 8),
    offset: bytes.readDoubleLE(start + 16),
    length: bytes.readDoubleLE(start + 24),
  };
}

/** A message that lies in a segment. */
export class Parcel implements Incoming {
  readonly kind: MessageKind;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly buffers: readonly Uint8Array[];
  readonly descriptors: readonly number[];
  readonly lasting = true;
  readonly #segment: MappedSegment;
  /** The segment becomes free by itself when views of it are gone. */
  #leased = false;

  constructor(kind: MessageKind, segment: MappedSegment, start: number, end: number, descriptors: readonly number[]) {
    this.kind = kind;
    this.bytes = segment.bytes;
    this.start = start;
    this.end = end;
    this.descriptors = descriptors;
    this.#segment = segment;
    this.buffers = segment.viewBuffers();
    this.#leased = this.buffers.length > 0;
  }

  keepBytes(): Uint8Array {
    this.#leased = true;
    return this.#segment.viewBytes(this.start, this.end - this.start);
  }

  release(): void {
    if (!this.#leased) this.#segment.vacate();
  }
}
