import { UNIT_BYTES, UNIT_SHIFT } from '../memory/layout.ts';

/** Words of a record, counted from its beginning. See `memory/layout.ts`. */
export const LENGTH = 0;
export const SECOND = 1;
export const NUMBER = 2;
export const PAYLOAD = 4;
export const RECORD_HEADER_BYTES = 16;

/** What a record is; the low bits of its second word. Padding fills the rest of a chunk. */
export const PADDING = 1;
export const MESSAGE = 2;
/** Added to MESSAGE: the payload is the label of a block. */
export const IN_BLOCK = 0x10;
export const KIND_MASK = 0x0f;
export const DESCRIPTORS_SHIFT = 8;
export const TAG_SHIFT = 16;

/** How many units a record takes. */
export const unitsOf = (length: number): number => (RECORD_HEADER_BYTES + length + UNIT_BYTES - 1) >> UNIT_SHIFT;
