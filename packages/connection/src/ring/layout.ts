/**
 * How a ring lies in shared memory.
 *
 * A ring carries messages one way: from whoever holds its writing end to whoever holds its reading end. Both may be
 * several processes. Everything that they agree on stands in the header, one word to a cache line where two sides
 * write at the same time:
 *
 *     ┌──────── header, 512 bytes ────────┬─────────── body, `capacity` bytes, a power of two ───────────┐
 *     │ HEAD  TAIL  flags  locks  counters │ record │ record │ record │            free            │ record │
 *     └────────────────────────────────────┴────────┴────────┴────────┴────────────────────────────┴────────┘
 *                                          TAIL: next to be read       HEAD: next to be written
 *
 * HEAD and TAIL count bytes and wrap at 2^32; their difference is what is in the ring. A record never wraps: if it does
 * not fit before the end of the body, a PADDING record fills the rest.
 *
 *     record = int32 payload length │ uint8 kind, uint8 descriptors, uint16 tag │ payload, padded to 8 bytes
 *
 * A writer copies the whole record first and then moves HEAD with one atomic store. A process that is killed before
 * that store has published nothing; killed after it, everything. The same holds for a reader and TAIL.
 */

export const HEADER_BYTES = 512;

/** Bytes ever written. Moved by the writer that holds WRITER_LOCK. */
export const HEAD = 0;
/** Bytes ever taken. Moved by the reader that holds READER_LOCK. */
export const TAIL = 16;
/** 1: a reader may be asleep, and wants its doorbell rung when HEAD moves. */
export const READER_ASLEEP = 32;
/** 1: a writer may be asleep, and wants its doorbell rung when there is room again. */
export const WRITER_ASLEEP = 48;
/** Who writes at the moment: two words of a HolderLock. */
export const WRITER_LOCK = 64;
/** Who reads at the moment: two words of a HolderLock. */
export const READER_LOCK = 80;
/** KiB in segments that were sent and not yet taken; bounds the memory of large messages. */
export const LARGE_KIB = 96;
/** Length, kind. */
export const RECORD_HEADER_BYTES = 8;

/** What a record is; the low byte of its second word. */
export const PADDING = 0;
/** Raw bytes of `sendBytes`. */
export const BYTES = 1;
/** A pickled object of `send`. */
export const PICKLE = 2;
/** Added to a kind: the payload is not in the ring but in a segment that the record names. */
export const IN_SEGMENT = 0x10;
/**
 * Added to a kind: until a reader has claimed the record, the writer may revoke it. Both do so by compare-and-exchange
 * of the record's second word, so exactly one of them succeeds. A revoked record is skipped by readers.
 */
export const REVOCABLE = 0x20;
export const CLAIMED = 0x40;
export const REVOKED = 0x80;

/** What remains of the low byte when everything that was added is taken away. */
export const KIND_MASK = 0x0f;
export const DESCRIPTORS_SHIFT = 8;
export const TAG_SHIFT = 16;
/** The most descriptors that one message may carry: what one packet of a unix socket holds, less our own. */
export const MAX_DESCRIPTORS = 252;

export const align8 = (length: number): number => (length + 7) & ~7;
