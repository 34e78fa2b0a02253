import { HEADER_BYTES } from '../ring/layout.ts';

/**
 * The memory of a pipe: a header, and one ring for each direction.
 *
 *     header, one page:
 *       int32 at 0    how many hold end 0, end 1
 *       int32 at 8    capacity of a ring, number of rings
 *       float64 at 16 the pipe's name
 *       int32 at 24   whether end 0, end 1 was ever given to another holder
 *       at 128        who holds end 0, then who holds end 1: two words for each (holders.ts)
 *     ring 1 → 0, read at end 0
 *     ring 0 → 1, read at end 1; only in a two-way pipe
 */

/** Holders of end 0 and end 1, copies on their way included. */
export const HOLDERS = 0;
export const CAPACITY = 2;
export const RINGS = 3;
export const ID_OFFSET = 16;
/** 1: another holder than whoever made the pipe has, or had, this end. */
export const GIVEN_AWAY = 6;
/** Where the table of an end begins, in words. */
export const holderTable = (side: Side): number => 32 + side * 2 * HOLDER_SLOTS;
/** How many holders of one end are known by name. More are counted, but nobody finds out when they are killed. */
export const HOLDER_SLOTS = 240;

export const PIPE_HEADER_BYTES = 4096;

/** Which end of the pipe. A one-way pipe is read at 0 and written at 1. */
export type Side = 0 | 1;

export const peerOf = (side: Side): Side => (side === 0 ? 1 : 0);

/** What both ends know of their pipe. */
export interface PipeShape {
  /** Random; the same at both ends and in every process. */
  readonly id: number;
  readonly duplex: boolean;
  /** Bytes of each ring, a power of two. */
  readonly capacity: number;
}

export const memorySize = ({ capacity, duplex }: PipeShape): number =>
  PIPE_HEADER_BYTES + (duplex ? 2 : 1) * (HEADER_BYTES + capacity);

/** Writes down what {@link readShape} reads, and that each end has one holder: whoever makes the pipe. */
export function writeShape(memory: ArrayBuffer, { id, duplex, capacity }: PipeShape): void {
  const words = new Int32Array(memory, 0, RINGS + 1);
  words[CAPACITY] = capacity;
  words[RINGS] = duplex ? 2 : 1;
  words[HOLDERS] = 1;
  words[HOLDERS + 1] = 1;
  new DataView(memory).setFloat64(ID_OFFSET, id, true);
}

export function readShape(memory: ArrayBuffer): PipeShape {
  const words = new Int32Array(memory, 0, RINGS + 1);
  const id = new DataView(memory).getFloat64(ID_OFFSET, true);
  return { id, duplex: words[RINGS] === 2, capacity: words[CAPACITY]! };
}

/** Where the ring lies that is read at `side`. */
export const ringOffset = (side: Side, capacity: number): number =>
  PIPE_HEADER_BYTES + side * (HEADER_BYTES + capacity);
