import { HEADER_BYTES } from '../ring/layout.ts';

/**
 * The memory of a pipe: a header, and one ring for each direction.
 *
 *     header: int32 │ 0, 1 how many hold end 0, end 1 │ 2 capacity of a ring │ 3 rings │ float64 at 16: the pipe's name
 *     ring 1 → 0, read at end 0
 *     ring 0 → 1, read at end 1; only in a two-way pipe
 */

/** Holders of end 0 and end 1, copies on their way included. A holder that was killed stays counted. */
export const HOLDERS = 0;

export const CAPACITY = 2;
export const RINGS = 3;
export const ID_OFFSET = 16;

export const PIPE_HEADER_BYTES = 512;

/** Which end of the pipe. A one-way pipe is read at 0 and written at 1. */
export type Side = 0 | 1;

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

/** Writes down what {@link readShape} reads. */
export function writeShape(memory: ArrayBuffer, { id, duplex, capacity }: PipeShape): void {
  const words = new Int32Array(memory, 0, RINGS + 1);
  words[CAPACITY] = capacity;
  words[RINGS] = duplex ? 2 : 1;
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
