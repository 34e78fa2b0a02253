import { HolderLock } from '@mp/native';
import {
  DESK_BYTES,
  DESK_COUNT,
  DESK_HEADER_BYTES,
  DESKS_IN_USE,
  DESKS_OFFSET,
  INLINE_BYTES,
} from '../memory/layout.ts';
import type { QueueSpace } from '../memory/space.ts';

/**
 * Where messages lie that were taken and are not decoded yet.
 *
 * Plain data is decoded in the log, under the lock of the readers. What runs somebody's code (a `rebuild`, a module
 * that is loaded first) or takes long (a message in a block) may not hold up the others: its reader copies the record
 * on a desk, takes it, and lets the next reader have the lock. A desk is locked by its reader; when that is killed,
 * another finds the message there and decodes it instead.
 */
const STATE = 2;
const NUMBER = 3;
const SECOND = 4;
const LENGTH = 5;

const EMPTY = 0;
const IN_USE = 1;

/** One desk of a queue, as one thread sees it. */
export class Desk {
  readonly bytes: Buffer;
  readonly #shared: Int32Array;
  readonly #words: Int32Array;
  readonly #lock: HolderLock;

  constructor(space: QueueSpace, index: number) {
    const offset = DESKS_OFFSET + index * DESK_BYTES;
    this.#shared = space.words;
    this.#words = new Int32Array(space.header, offset, DESK_HEADER_BYTES >> 2);
    this.bytes = Buffer.from(space.header, offset + DESK_HEADER_BYTES, INLINE_BYTES);
    this.#lock = new HolderLock(this.#words, 0);
  }

  /** Whether a message lies on it. */
  get occupied(): boolean {
    return Atomics.load(this.#words, STATE) === IN_USE;
  }

  /** Whether nobody sits at it. Somebody dead may. */
  get free(): boolean {
    return Atomics.load(this.#words, 0) === 0;
  }

  /** Sits down if it is empty and nobody alive sits there, this thread included. */
  tryOccupyEmpty(): boolean {
    return this.#tryOccupy(EMPTY);
  }

  /** Sits down if there is a message and nobody alive sits there, this thread included. */
  tryAdopt(): boolean {
    return this.#tryOccupy(IN_USE);
  }

  /** Stands up and leaves the desk as it is: another reader may take the message. */
  leave(): void {
    this.#lock.release();
  }

  /** Puts a message on it. It counts from the moment when the message is taken from the log. */
  lay(number: number, second: number, bytes: Buffer, start: number, end: number): void {
    const words = this.#words;
    words[NUMBER] = number;
    words[SECOND] = second;
    words[LENGTH] = end - start;
    this.bytes.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start), 0);
    Atomics.add(this.#shared, DESKS_IN_USE, 1);
    Atomics.store(words, STATE, IN_USE);
  }

  /** The message is decoded, or was never taken from the log. */
  clear(): void {
    Atomics.store(this.#words, STATE, EMPTY);
    Atomics.sub(this.#shared, DESKS_IN_USE, 1);
  }

  #tryOccupy(state: typeof EMPTY | typeof IN_USE): boolean {
    if (Atomics.load(this.#words, STATE) !== state || !this.#lock.tryAcquire()) return false;
    // Whoever sat there may have stood up meanwhile.
    if (Atomics.load(this.#words, STATE) === state) return true;
    this.#lock.release();
    return false;
  }

  get number(): number {
    return this.#words[NUMBER]!;
  }

  get second(): number {
    return this.#words[SECOND]!;
  }

  get length(): number {
    return this.#words[LENGTH]!;
  }
}

/** All desks of a queue. */
export class Desks {
  readonly #shared: Int32Array;
  readonly #space: QueueSpace;
  #desks: readonly Desk[] | undefined;

  constructor(space: QueueSpace) {
    this.#space = space;
    this.#shared = space.words;
  }

  get all(): readonly Desk[] {
    this.#desks ??= Array.from({ length: DESK_COUNT }, (_, index) => new Desk(this.#space, index));
    return this.#desks;
  }

  /** Whether a message lies on some desk. */
  get inUse(): boolean {
    return Atomics.load(this.#shared, DESKS_IN_USE) !== 0;
  }

  /** Whether the message with this number lies on a desk. */
  has(number: number): boolean {
    return this.inUse && this.all.some((desk) => desk.occupied && desk.number === number);
  }

  /** An empty desk, at which this thread sits now. Only for who holds READER_LOCK. Undefined: there is none. */
  occupyEmpty(): number | undefined {
    let index = this.all.findIndex((desk) => desk.free && desk.tryOccupyEmpty());
    // Somebody dead may sit at one.
    if (index < 0) index = this.all.findIndex((desk) => desk.tryOccupyEmpty());
    return index < 0 ? undefined : index;
  }

  /** A desk that its reader has left with a message on it, by its death or otherwise. This thread sits at it now. */
  adopt(): Desk | undefined {
    if (!this.inUse) return undefined;
    return this.all.find((desk) => desk.tryAdopt());
  }
}
