import { duplicateAll } from '@mp/connection/internal';
import { closeDescriptor } from '@mp/native';
import { type Pickle, Pickler } from '@mp/reduction';
import type { Block, BlockTable } from './blocks/block-table.ts';
import { packParcel, parcelSize, writeLabel } from './blocks/parcel.ts';
import { IN_BLOCK, MESSAGE } from './log/record.ts';
import { INLINE_BYTES } from './memory/layout.ts';
import type { QueueSpace } from './memory/space.ts';

/** Buffers from here on are not copied into the pickle first. */
const OUT_OF_BAND_BYTES = 1 << 17;

/** The most descriptors that one message may carry: what one packet of a unix socket holds. */
const MOST_DESCRIPTORS = 253;

const NOTHING: readonly never[] = [];

export const pickler: Pickler = new Pickler({ outOfBand: OUT_OF_BAND_BYTES });

/** A message to be put: its record, and what belongs to it. */
export interface Outgoing {
  readonly second: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly descriptors: readonly number[];
  readonly block: Block | undefined;
}

export const isLarge = ({ start, end, buffers }: Pickle): boolean => buffers.length > 0 || end - start > INLINE_BYTES;

/** A message whose record holds all of it. Its bytes are the pickler's, and good until that is used again. */
export const inline = ({ bytes, start, end, descriptors }: Pickle): Outgoing => {
  if (descriptors.length > 0) checkCount(descriptors);
  return { second: MESSAGE, bytes, start, end, descriptors, block: undefined };
};

/** Copies a large message into a block of the queue. Undefined: there is no room for another block. */
export function inBlock(pickle: Pickle, space: QueueSpace, blocks: BlockTable): Outgoing | undefined {
  checkCount(pickle.descriptors);
  const block = blocks.acquire(parcelSize(pickle));
  if (block === undefined) return undefined;
  try {
    const piece = space.pin(block.chunk, block.count);
    try {
      const parcel = packParcel(piece, pickle);
      const label = writeLabel({ block: block.index, chunk: block.chunk, ...parcel });
      const { descriptors } = pickle;
      return { second: MESSAGE | IN_BLOCK, bytes: label, start: 0, end: label.length, descriptors, block };
    } finally {
      space.unpin(piece);
    }
  } catch (error) {
    blocks.cancel(block);
    throw error;
  }
}

/** The same message in memory of its own, for it has to wait. */
export function detach(message: Outgoing): Outgoing {
  const { bytes, start, end, descriptors } = message;
  return {
    ...message,
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start).slice(),
    start: 0,
    end: end - start,
    descriptors: descriptors.length === 0 ? NOTHING : duplicateAll(descriptors),
  };
}

/** What {@link detach} duplicated is needed no longer. */
export function letGo({ descriptors }: Outgoing): void {
  for (const descriptor of descriptors) closeDescriptor(descriptor);
}

function checkCount(descriptors: readonly number[]): void {
  if (descriptors.length <= MOST_DESCRIPTORS) return;
  throw new RangeError(
    `put: the message carries ${descriptors.length} descriptors, and at most ${MOST_DESCRIPTORS} can travel in one message. Put several.`,
  );
}
