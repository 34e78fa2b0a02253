/**
 * How a queue lies in shared memory: one memfd of a terabyte, of which only what is touched exists.
 *
 *     ┌ header ──────────────────────────────────────────────────┬ chunks of 64 KiB ─────────────────────────────┐
 *     │ words │ workers │ desks │ table of chunks │ table of blocks │ log │ log │ block · block │ log │ free │ …      │
 *     └───────┴─────────┴───────┴─────────────────┴─────────────────┴─────┴─────┴───────────────┴─────┴──────┴────────┘
 *
 * **The log** is what a ring would be if it could grow: a line of chunks, written at one end and read at the other.
 * Positions in it count units of 16 bytes; the upper bits number the chunks in the order of the line, and a table says
 * where in the memory each of them is. Chunks that were read are used again.
 *
 *     record = int32 payload length │ kind, descriptors, tag │ number of the message │ 0 │ payload, padded to 16 bytes
 *
 * **Numbers of messages** are what everybody agrees on. `PUT` is the number that the next message will get, `TAKEN`
 * that of the next one to be taken; each is moved by one atomic store, which is the moment of publication. Positions are
 * stored after them and may be one record behind when somebody was killed in between: the numbers in the records tell.
 *
 * **A block** holds a large message, see `blocks/`. **A desk** is where a message lies while it is being decoded by
 * somebody's code, see `desk/`. **A worker** is who took tasks from a joinable queue, see `tasks/`.
 */

/** Address space of a queue. Memory is used only where it is touched. Less if the system allows no files of that size. */
export const SPACE_BYTES: number = 2 ** 40;
export const SMALLEST_SPACE_BYTES: number = 2 ** 25;

export const UNIT_SHIFT = 4;
export const UNIT_BYTES: number = 1 << UNIT_SHIFT;
export const CHUNK_SHIFT = 16;
export const CHUNK_BYTES: number = 1 << CHUNK_SHIFT;
export const CHUNK_UNITS: number = CHUNK_BYTES >> UNIT_SHIFT;
/** What of a position is the place within its chunk. */
export const UNIT_MASK: number = CHUNK_UNITS - 1;
/** What of a position is the number of its chunk in the line. */
export const LINE_SHIFT: number = CHUNK_SHIFT - UNIT_SHIFT;
/** Numbers in the line wrap at this. */
export const LINE_MASK: number = 2 ** (32 - LINE_SHIFT) - 1;

/** Chunks that the line may have at most: 16 GiB of small messages. */
export const LONGEST_LINE: number = 1 << 18;
/** The longest payload in the log, and what a desk has room for. */
export const INLINE_BYTES: number = 1 << 14;

// ── Words of the header: one cache line for what is written together ─────────────────────────────────────────────────

/** The number of the next message to be put. Moved by who holds WRITER_LOCK. */
export const PUT = 0;
/** Where the next record goes. */
export const WRITE_POSITION = 1;
/** How far chunks have been allocated, as a number in the line. */
export const ALLOCATED = 2;
/** Chunks before this one were read and have been given a new place in the line. */
export const RECLAIMED = 3;
/** Chunks of the memory that are in use or have been. */
export const CHUNKS = 4;
/** Chunks that the memory has. */
export const MOST_CHUNKS = 5;

/** The number of the next message to be taken. Moved by who holds READER_LOCK. */
export const TAKEN = 16;
/** Where its record is. */
export const READ_POSITION = 17;
/** Chunks before this one have been read. */
export const RECLAIMABLE = 18;
/** The desk, plus one, on which who holds READER_LOCK puts a message at this moment. */
export const CLAIMING = 19;

/** 1: a getter may be asleep. */
export const READER_ASLEEP = 32;
/** 1: a putter may be asleep, for lack of room. */
export const WRITER_ASLEEP = 48;
/** Two words each, of a HolderLock. */
export const WRITER_LOCK = 64;
export const READER_LOCK = 80;
export const BLOCK_LOCK = 96;

/** {@link SHUT} and {@link DRAINED}. */
export const FLAGS = 112;
/** 0: unbounded. */
export const MAX_SIZE = 113;
/** Queue objects in all processes, copies on their way included. A copy that was lost on its way stays counted. */
export const HOLDERS = 114;
/** A float64: the queue's random name. */
export const ID_BYTES: number = 116 * 4;

/** Tasks that were marked as done, or given up. */
export const DONE = 128;
/** Tasks that were given up because their worker had ended. */
export const LOST = 129;
/** The process of the last such worker. */
export const LOST_PID = 130;
/** Held by who changes DONE or LOST (`HolderLock`, 2 words). */
export const FINISH_LOCK = 132;
/** What that is about to do: for which line (its place + 1; 0: nothing), DONE before, LOST and what is open of the line then. */
export const FINISH_LINE = 134;
export const FINISH_FROM = 135;
export const FINISH_LOST = 136;
export const FINISH_OPEN = 137;
export const JOINER_ASLEEP = 144;

/** How many desks have a message on them. */
export const DESKS_IN_USE = 160;

/** Entries of the table of blocks that are or were in use. */
export const BLOCKS = 176;
/** Blocks that are being filled. */
export const FILLING = 177;
/** KiB in free blocks whose pages were kept. */
export const WARM_KIB = 178;
/** One word for each size of block: how many are free. */
export const FREE_BLOCKS = 192;

/** Nothing can be put any more. */
export const SHUT = 1;
/** Nor taken: what is left is thrown away. */
export const DRAINED = 2;

const WORDS_BYTES = 4096;

export const WORKERS_OFFSET: number = WORDS_BYTES;
export const WORKER_WORDS = 8;
export const MOST_WORKERS = 1024;

/** Who has the queue: for each object two words of who that is. */
export const HOLDERS_OFFSET: number = WORKERS_OFFSET + MOST_WORKERS * WORKER_WORDS * 4;
export const MOST_HOLDERS = 1024;
export const HOLDER_WORDS = 2;

export const DESKS_OFFSET: number = HOLDERS_OFFSET + MOST_HOLDERS * HOLDER_WORDS * 4;
export const DESK_HEADER_BYTES = 64;
export const DESK_BYTES: number = DESK_HEADER_BYTES + INLINE_BYTES;
export const DESK_COUNT = 64;

export const LINE_OFFSET: number = DESKS_OFFSET + DESK_COUNT * DESK_BYTES;

export const BLOCKS_OFFSET: number = LINE_OFFSET + LONGEST_LINE * 4;
/** Two words of a HolderLock, one of state, one of place. */
export const BLOCK_WORDS = 4;
export const MOST_BLOCKS: number = 1 << 18;

/** A multiple of a page, and of a chunk. */
export const HEADER_BYTES: number =
  Math.ceil((BLOCKS_OFFSET + MOST_BLOCKS * BLOCK_WORDS * 4) / CHUNK_BYTES) * CHUNK_BYTES;

/** The first numbers of messages, of put and taken: so that the zeros of fresh memory are no number next to them. */
export const FIRST_NUMBER = 2;
