/**
 * What an arena looks like in memory. All numbers are 32-bit words, native order, changed with Atomics.
 *
 *     arena     0: magic │ version │ … │ 64: 95 slots │ 448: blocks and gaps, each a multiple of 64 bytes
 *     slot      0: free; otherwise the thread that maps the arena: its number (22 bits), 9 bits of when it began
 *     block     32 bytes of header, then its bytes, up to a multiple of 64
 *               in flight │ acquisitions │ generation │ holders 0–31 │ 32–63 │ 64–94, for ever │ float64 bytes
 *
 * `holders` has a bit for each slot whose thread holds the block. `in flight` counts the tokens (token.ts) under which
 * the block is on its way in messages. `acquisitions` grows with everything that may bring a new holder. A block is free when nobody
 * holds it and it is in no message; only the creator of the arena looks for that, see {@link BlockHeader.isUnused}.
 */

export const MAGIC = 0x6d70_6172;
export const VERSION = 1;

/** Whatever is allocated is a multiple of this: a cache line, so that two objects never slow each other down. */
export const UNIT = 64;
export const SLOTS_OFFSET = 64;
/** How many threads can hold blocks of one arena and be told apart; see {@link FOR_EVER}. */
export const SLOTS = 95;
/** In place of a slot, for threads that found none: the block is not freed before its creator ends. */
export const FOR_EVER = 95;
/** Where the first block can be. */
export const FIRST = 448;

/** In bytes; the bytes of a block begin behind it. */
export const HEADER = 32;

const IN_FLIGHT = 0;
const ACQUISITIONS = 1;
const GENERATION = 2;
const HOLDERS = 3;
const HOLDER_WORDS = 3;
const BYTES_OFFSET = 24;

/** How much of an arena a block of so many bytes takes. */
export const roomFor = (bytes: number): number => Math.ceil((HEADER + bytes) / UNIT) * UNIT;

/** The headers of the blocks of one arena. Offsets are those of the header. */
export class BlockHeaders {
  readonly #words: Int32Array;
  readonly #numbers: DataView;

  constructor(whole: ArrayBuffer) {
    this.#words = new Int32Array(whole);
    this.#numbers = new DataView(whole);
  }

  /** A new block, held by `slot`. Nobody else knows of it yet, and all of it is zero. */
  create(offset: number, bytes: number, generation: number, slot: number): void {
    this.#numbers.setFloat64(offset + BYTES_OFFSET, bytes, true);
    Atomics.store(this.#words, offset / 4 + GENERATION, generation);
    this.#hold(offset, slot);
  }

  /** 0: there is no block. Each block of an arena has another, so that an old reference is recognised. */
  generation(offset: number): number {
    return Atomics.load(this.#words, offset / 4 + GENERATION);
  }

  bytes(offset: number): number {
    return this.#numbers.getFloat64(offset + BYTES_OFFSET, true);
  }

  /** For whoever got the block out of a message; it must still be in flight then. */
  hold(offset: number, slot: number): void {
    this.#hold(offset, slot);
  }

  /** For a holder that makes somebody else a holder, before it lets go itself. */
  holdFor(offset: number, slot: number): void {
    this.#hold(offset, slot);
    Atomics.add(this.#words, offset / 4 + ACQUISITIONS, 1);
  }

  letGo(offset: number, slot: number): void {
    if (slot !== FOR_EVER) Atomics.and(this.#words, offset / 4 + HOLDERS + (slot >> 5), ~(1 << (slot & 31)));
  }

  /** For a holder, which stays one until this returns. */
  depart(offset: number): void {
    Atomics.add(this.#words, offset / 4 + IN_FLIGHT, 1);
    Atomics.add(this.#words, offset / 4 + ACQUISITIONS, 1);
  }

  /** Every message under that token has been decoded or is lost. */
  arrive(offset: number): void {
    Atomics.sub(this.#words, offset / 4 + IN_FLIGHT, 1);
  }

  /** Whether it is held or in flight, for the check of what a message says. */
  isInUse(offset: number): boolean {
    return Atomics.load(this.#words, offset / 4 + IN_FLIGHT) > 0 || this.#isHeld(offset);
  }

  /**
   * Whether it can be freed.
   *
   * The words cannot be read all at once, and a holder may hand the block to another whose bit was read already. That
   * changes `acquisitions` (in `depart` and `holdFor`, after the new claim and before the old one is given up), so
   * if that is the same before and after, nothing has been overlooked. A block that nobody has can get no holder.
   */
  isUnused(offset: number): boolean {
    const index = offset / 4;
    const before = Atomics.load(this.#words, index + ACQUISITIONS);
    if (Atomics.load(this.#words, index + IN_FLIGHT) !== 0 || this.#isHeld(offset)) return false;
    return Atomics.load(this.#words, index + ACQUISITIONS) === before;
  }

  /**
   * Whether it is in no message, and nobody holds it but this slot and those of the dead. Nothing is overlooked, as in
   * {@link isUnused}.
   */
  isOnlyOf(offset: number, slot: number, dead: () => readonly number[]): boolean {
    // Several may stand there.
    if (slot === FOR_EVER) return false;
    const index = offset / 4;
    const before = Atomics.load(this.#words, index + ACQUISITIONS);
    if (Atomics.load(this.#words, index + IN_FLIGHT) !== 0) return false;
    if (this.#isHeldBeside(offset, [slot]) && this.#isHeldBeside(offset, [slot, ...dead()])) return false;
    return Atomics.load(this.#words, index + ACQUISITIONS) === before;
  }

  #isHeldBeside(offset: number, slots: readonly number[]): boolean {
    for (let i = 0; i < HOLDER_WORDS; i++) {
      let others = Atomics.load(this.#words, offset / 4 + HOLDERS + i);
      for (const slot of slots) if (slot >> 5 === i) others &= ~(1 << (slot & 31));
      if (others !== 0) return true;
    }
    return false;
  }

  #isHeld(offset: number): boolean {
    for (let i = 0; i < HOLDER_WORDS; i++) {
      if (Atomics.load(this.#words, offset / 4 + HOLDERS + i) !== 0) return true;
    }
    return false;
  }

  #hold(offset: number, slot: number): void {
    Atomics.or(this.#words, offset / 4 + HOLDERS + (slot >> 5), 1 << (slot & 31));
  }
}
