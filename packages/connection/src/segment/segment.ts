import { writeSync } from 'node:fs';
import { asShortage, closeDescriptor, createMemory, discardMemory, mapMemory, unmapMemory } from '@mp/native';

/**
 * Memory for one large message.
 *
 *     sender                            receiver
 *     ──────                            ────────
 *     takes a FREE segment, marks it
 *     IN_USE, copies the message in,
 *     sends its descriptor  ──────────▶ maps it (or knows it from before), decodes in place;
 *                                       buffers of the message are views of it
 *     finds it FREE and uses it again ◀─ stores FREE when the last view is gone
 *
 * One copy instead of two, and no fresh pages: the first touch of a new shared page costs eight to thirty times the
 * copy, which is why segments are used again. The kernel counts the references to the memory: it lives as long as one
 * of the two maps it and is gone when both are, however they end.
 *
 *     header, 64 bytes:  int32 state, forked │ … │ float64 count of buffers at 16
 *     table:             float64 offset, float64 length of each buffer
 *     main, buffers:     each at a multiple of 64
 */

export const FREE = 0;
export const IN_USE = 1;
/** Its owner has given the pages back; whoever still maps it may forget it. */
export const DROPPED = 2;

export const STATE = 0;
/** 1: a receiver was forked while it used the segment. Its child may look at it for ever, so it is used no more. */
export const FORKED = 1;
export const BUFFER_COUNT_OFFSET = 16;
export const TABLE_OFFSET = 64;

/** Smallest segment. Only touched pages cost memory, so generous classes cost address space alone. */
const SMALLEST = 1 << 20;

export const align64 = (length: number): number => Math.ceil(length / 64) * 64;

/** Room for header, table and padding, so that a message of 64 MiB needs no segment of 128. */
const EXTRA = 1 << 16;

const sizeClass = (bytes: number): number => {
  let size = SMALLEST;
  while (size + EXTRA < bytes) size *= 2;
  return size + EXTRA;
};

/** From how many bytes on a call of the system costs less than the page faults that it saves. */
const MANY_BYTES = 1 << 16;
/** Node refuses to write 2 GiB in one call. */
const MOST_AT_ONCE = 1 << 30;

const NO_MEMORY = 'There is no memory for a large message';

/** The sending side of a segment. */
export class Segment {
  /** Random, so that no two segments of any two processes are taken for each other. */
  readonly id: number = Math.floor(Math.random() * 2 ** 52);
  readonly size: number;
  readonly descriptor: number;
  readonly buffer: ArrayBuffer;
  readonly bytes: Uint8Array;
  readonly #state: Int32Array;
  /** When it was last taken, in the pool's count of acquisitions: tells one use from the next. */
  lastUse = 0;
  #mapped = true;
  /** Nothing was ever put into it. */
  #fresh = true;

  constructor(bytes: number) {
    this.size = sizeClass(bytes);
    let descriptor: number | undefined;
    try {
      descriptor = createMemory(this.size, 'mp-segment');
      this.descriptor = descriptor;
      this.buffer = mapMemory(this.descriptor, this.size);
    } catch (error) {
      if (descriptor !== undefined) closeDescriptor(descriptor);
      throw asShortage(NO_MEMORY, error);
    }
    this.bytes = new Uint8Array(this.buffer);
    this.#state = new Int32Array(this.buffer, 0, 2);
  }

  static classOf(bytes: number): number {
    return sizeClass(bytes);
  }

  get free(): boolean {
    return !this.#mapped || (Atomics.load(this.#state, STATE) === FREE && !this.forked);
  }

  /** Whether this process still has it. */
  get mapped(): boolean {
    return this.#mapped;
  }

  /** Whether it will never be free: see FORKED. */
  get forked(): boolean {
    return this.#mapped && Atomics.load(this.#state, FORKED) === 1;
  }

  /** Whether the message of that use is still in it: neither free since, nor used again for another message. */
  holds(use: number): boolean {
    return this.lastUse === use && !this.free;
  }

  occupy(): void {
    Atomics.store(this.#state, STATE, IN_USE);
  }

  /**
   * Copies bytes into it. Fresh pages the kernel fills itself, which takes half of the time: it neither clears them first
   * nor stops the thread at each of them.
   */
  put(bytes: Uint8Array, offset: number): void {
    if (!this.#fresh || bytes.length < MANY_BYTES) {
      this.bytes.set(bytes, offset);
      return;
    }
    try {
      for (let done = 0; done < bytes.length; ) {
        const length = Math.min(bytes.length - done, MOST_AT_ONCE);
        done += writeSync(this.descriptor, bytes, done, length, offset + done);
      }
    } catch (error) {
      throw asShortage(NO_MEMORY, error);
    }
  }

  /** All of its message is in it. */
  filled(): void {
    this.#fresh = false;
  }

  /** Before it was sent: it can be used for something else. */
  vacate(): void {
    if (this.#mapped) Atomics.store(this.#state, STATE, FREE);
  }

  /** Gives the pages back, even while a receiver still maps them. Only for a segment that is free. */
  drop(): void {
    Atomics.store(this.#state, STATE, DROPPED);
    discardMemory(this.descriptor, 4096, this.size - 4096);
    this.abandon();
  }

  /** Forgets it without a word: a receiver holds views of it, which stay good. */
  abandon(): void {
    this.#mapped = false;
    unmapMemory(this.buffer);
    closeDescriptor(this.descriptor);
  }
}
