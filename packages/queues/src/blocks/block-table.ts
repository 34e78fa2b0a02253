import { HolderLock } from '@mp/native';
import {
  BLOCK_LOCK,
  BLOCK_WORDS,
  BLOCKS,
  BLOCKS_OFFSET,
  CHUNK_BYTES,
  FILLING,
  FREE_BLOCKS,
  MOST_BLOCKS,
  WARM_KIB,
} from '../memory/layout.ts';
import { PatientLock } from '../memory/patient-lock.ts';
import type { QueueSpace } from '../memory/space.ts';

/** Memory of free blocks that is kept warm: the first touch of a fresh page costs eight times the copy. */
const KEEP_WARM_KIB = 80 << 10;

/** New blocks between two searches for those of dead putters. */
const ORPHANS_EVERY = 16;

/** The lowest two bits of a block's state. */
const FREE = 0;
/** Its putter copies a message into it. If that is killed, the block is free. */
const BEING_FILLED = 1;
/** Its message is in the log or on a desk. Who is killed at this very moment wastes it. */
const SENT = 2;
const STATE_MASK = 3;
const SIZE_SHIFT = 2;
const SIZE_MASK = 31;
/** KiB of it that have been touched. */
const KIB_SHIFT = 8;

/** Sizes are 64 KiB times a power of two; this is the largest power, for 8 GiB. */
const LARGEST_SIZE = 17;

const STATE = 2;
const PLACE = 3;

/** A block that this thread fills. */
export interface Block {
  /** Its entry in the table. */
  readonly index: number;
  readonly chunk: number;
  /** Chunks that it has room for. */
  readonly count: number;
}

/** Which parts of a queue's memory hold large messages. */
export class BlockTable {
  readonly #space: QueueSpace;
  readonly #words: Int32Array;
  readonly #entries: Int32Array;
  readonly #lock: PatientLock;
  #searches = 0;

  constructor(space: QueueSpace) {
    this.#space = space;
    this.#words = space.words;
    this.#entries = new Int32Array(space.header, BLOCKS_OFFSET, MOST_BLOCKS * BLOCK_WORDS);
    this.#lock = new PatientLock(this.#words, BLOCK_LOCK);
  }

  /**
   * A block for so many bytes, which this thread fills and sends, or releases.
   *
   * @returns undefined: there are as many as there may be
   * @throws RangeError for more than a block can hold
   */
  acquire(bytes: number): Block | undefined {
    const size = Math.max(0, Math.ceil(Math.log2(bytes / CHUNK_BYTES)));
    if (size > LARGEST_SIZE) throw tooLarge(bytes);
    this.#lock.acquire();
    try {
      const index = this.#find(size) ?? this.#add(size);
      if (index === undefined) return undefined;
      const word = index * BLOCK_WORDS;
      const state = this.#entries[word + STATE]!;
      const touched = Math.max(state >>> KIB_SHIFT, Math.ceil(bytes / 1024));
      Atomics.add(this.#words, FILLING, 1);
      if ((state & STATE_MASK) === FREE) this.#lockFree(word);
      Atomics.store(this.#entries, word + STATE, BEING_FILLED | (size << SIZE_SHIFT) | (touched << KIB_SHIFT));
      return { index, chunk: this.#entries[word + PLACE]!, count: 2 ** size };
    } finally {
      this.#lock.release();
    }
  }

  /** From now on it belongs to the message that is about to be published. */
  send({ index }: Block): void {
    this.#setState(index, SENT);
    Atomics.sub(this.#words, FILLING, 1);
  }

  /** The message was not published after all. */
  unsend({ index }: Block): void {
    Atomics.add(this.#words, FILLING, 1);
    this.#setState(index, BEING_FILLED);
  }

  /** It will not be sent. */
  cancel(block: Block): void {
    Atomics.sub(this.#words, FILLING, 1);
    this.free(block.index);
  }

  /** Its message was decoded. */
  free(index: number): void {
    const word = index * BLOCK_WORDS;
    const state = this.#entries[word + STATE]!;
    const size = (state >>> SIZE_SHIFT) & SIZE_MASK;
    let touched = state >>> KIB_SHIFT;
    if (Atomics.add(this.#words, WARM_KIB, touched) + touched > KEEP_WARM_KIB) {
      this.#space.discard(this.#entries[word + PLACE]!, touched * 1024);
      Atomics.sub(this.#words, WARM_KIB, touched);
      touched = 0;
    }
    Atomics.store(this.#entries, word + STATE, FREE | (size << SIZE_SHIFT) | (touched << KIB_SHIFT));
    Atomics.add(this.#words, FREE_BLOCKS + size, 1);
  }

  /** How many chunks a block has. */
  countOf(index: number): number {
    return 2 ** ((this.#entries[index * BLOCK_WORDS + STATE]! >>> SIZE_SHIFT) & SIZE_MASK);
  }

  #setState(index: number, state: number): void {
    const word = index * BLOCK_WORDS + STATE;
    Atomics.store(this.#entries, word, (this.#entries[word]! & ~STATE_MASK) | state);
  }

  /** The lock means something only while the block is being filled; until now it says who did so the last time. */
  #lockFree(word: number): void {
    const lock = new HolderLock(this.#entries, word);
    lock.release();
    lock.tryAcquire();
  }

  /** A free block of that size, or one whose putter was killed while filling it. */
  #find(size: number): number | undefined {
    const words = this.#words;
    if (Atomics.load(words, FREE_BLOCKS + size) > 0) {
      const free = this.#search(size, FREE);
      if (free !== undefined) {
        Atomics.sub(words, FREE_BLOCKS + size, 1);
        Atomics.sub(words, WARM_KIB, this.#entries[free * BLOCK_WORDS + STATE]! >>> KIB_SHIFT);
        return free;
      }
    }
    // Others who fill theirs at the moment are asked about again and again, which takes longer than a copy.
    if (Atomics.load(words, FILLING) === 0 || ++this.#searches % ORPHANS_EVERY !== 0) return undefined;
    const orphan = this.#search(size, BEING_FILLED);
    if (orphan !== undefined) Atomics.sub(words, FILLING, 1);
    return orphan;
  }

  #search(size: number, wanted: typeof FREE | typeof BEING_FILLED): number | undefined {
    const count = this.#words[BLOCKS]!;
    for (let index = 0; index < count; index++) {
      const word = index * BLOCK_WORDS;
      const state = Atomics.load(this.#entries, word + STATE);
      if (((state >>> SIZE_SHIFT) & SIZE_MASK) !== size || (state & STATE_MASK) !== wanted) continue;
      if (wanted === FREE) return index;
      if (!new HolderLock(this.#entries, word).tryAcquire()) continue;
      // Its putter may have sent it before it died.
      if ((Atomics.load(this.#entries, word + STATE) & STATE_MASK) === BEING_FILLED) return index;
    }
    return undefined;
  }

  #add(size: number): number | undefined {
    const index = this.#words[BLOCKS]!;
    if (index === MOST_BLOCKS) return undefined;
    const chunk = this.#space.reserve(2 ** size);
    if (chunk === undefined) return undefined;
    const word = index * BLOCK_WORDS;
    this.#entries[word + PLACE] = chunk;
    this.#entries[word + STATE] = size << SIZE_SHIFT;
    Atomics.store(this.#words, BLOCKS, index + 1);
    return index;
  }
}

const tooLarge = (bytes: number): RangeError =>
  Object.assign(
    new RangeError(`A message of ${bytes} bytes is too large for a queue: at most 8 GiB. Send it in parts.`),
    {
      code: 'ERR_OUT_OF_RANGE',
    },
  );
