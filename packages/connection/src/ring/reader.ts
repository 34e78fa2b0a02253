import { BrokenPipeError } from '@mp/errors';
import {
  align8,
  BYTES,
  CLAIMED,
  DESCRIPTORS_SHIFT,
  HEAD,
  HEADER_BYTES,
  IN_SEGMENT,
  KIND_MASK,
  PADDING,
  PICKLE,
  READER_ASLEEP,
  RECORD_HEADER_BYTES,
  REVOCABLE,
  REVOKED,
  TAG_SHIFT,
  TAIL,
  WRITER_ASLEEP,
} from './layout.ts';

const corrupt = (length: number): BrokenPipeError =>
  new BrokenPipeError(
    `The memory of this pipe is damaged: it shows a message of ${length} bytes where there is none. Some process wrote into it that should not. Nothing more can be received; close the connection.`,
  );

/** The reading side of a ring: memory only, it neither locks nor waits nor wakes. */
export class RingReader {
  readonly words: Int32Array;
  readonly capacity: number;
  /** The body; a payload is at `bytes[start, end)` while {@link look} shows it. A Buffer, because msgpackr reads those faster. */
  readonly bytes: Buffer;
  readonly #bodyWords: Int32Array;

  /** The record that {@link look} found: BYTES or PICKLE. */
  kind: number = PADDING;
  inSegment = false;
  /** There was something else than a record where one should be. */
  damaged = false;
  /** The writer has taken it back: skip it. */
  revoked = false;
  descriptors = 0;
  /** By which a record and its descriptors recognise each other. */
  tag = 0;
  start = 0;
  end = 0;
  /** Where it begins, counted from the first byte ever written. */
  position = 0;

  constructor(buffer: ArrayBuffer, offset: number, capacity: number) {
    this.words = new Int32Array(buffer, offset, HEADER_BYTES >> 2);
    this.capacity = capacity;
    this.#bodyWords = new Int32Array(buffer, offset + HEADER_BYTES, capacity >> 2);
    this.bytes = Buffer.from(buffer, offset + HEADER_BYTES, capacity);
  }

  /** Whether there is a record. Paddings count as none. */
  get waiting(): boolean {
    return Atomics.load(this.words, HEAD) !== Atomics.load(this.words, TAIL);
  }

  /** Shows the next record in `kind`, `start`, `end`, … without taking it. */
  look(): boolean {
    const { words } = this;
    const head = Atomics.load(words, HEAD);
    let tail = words[TAIL]!;
    if (head === tail) return false;
    let at = tail & (this.capacity - 1);
    let second = this.#bodyWords[(at >> 2) + 1]!;
    if ((second & KIND_MASK) === PADDING) {
      // A padding is published together with the record behind it, never alone.
      tail = (tail + this.capacity - at) | 0;
      at = 0;
      second = this.#bodyWords[1]!;
    }
    this.position = tail;
    if ((second & REVOCABLE) !== 0) second = this.#claim((at >> 2) + 1, second);
    this.revoked = (second & REVOKED) !== 0;
    this.kind = second & KIND_MASK;
    this.inSegment = (second & IN_SEGMENT) !== 0;
    this.descriptors = (second >>> DESCRIPTORS_SHIFT) & 0xff;
    this.tag = second >>> TAG_SHIFT;
    const length = this.#bodyWords[at >> 2]!;
    this.start = at + RECORD_HEADER_BYTES;
    this.end = this.start + length;
    // What is in the ring from here on; HEAD may be damaged, too.
    const inRing = (head - tail) | 0;
    const whole = length >= 0 && RECORD_HEADER_BYTES + align8(length) <= inRing && inRing <= this.capacity;
    if (!whole || this.end > this.capacity || (this.kind !== PICKLE && this.kind !== BYTES)) {
      this.damaged = true;
      throw corrupt(length);
    }
    return true;
  }

  /** Makes a record ours, unless its writer has revoked it. A claim of a reader that was killed holds for the next. */
  #claim(word: number, second: number): number {
    if ((second & (CLAIMED | REVOKED)) !== 0) return second;
    const found = Atomics.compareExchange(this.#bodyWords, word, second, second | CLAIMED);
    return found === second ? second | CLAIMED : found;
  }

  /** Takes the record that {@link look} showed; its bytes may be overwritten from now on. */
  take(): void {
    const length = this.end - this.start;
    Atomics.store(this.words, TAIL, (this.position + RECORD_HEADER_BYTES + align8(length)) | 0);
  }

  /** Takes all that is there, unseen. */
  skipAll(): void {
    Atomics.store(this.words, TAIL, Atomics.load(this.words, HEAD));
  }

  /**
   * After taking: whether a sleeping writer asked for its doorbell and half of the ring is free, which is room for any
   * record. Ringing for every record taken would wake the writer for one message at a time.
   */
  writerWantsBell(): boolean {
    const { words } = this;
    if (Atomics.load(words, WRITER_ASLEEP) === 0) return false;
    if (((Atomics.load(words, HEAD) - words[TAIL]!) | 0) > this.capacity >> 1) return false;
    return Atomics.exchange(words, WRITER_ASLEEP, 0) === 1;
  }

  /** From now on writers ring when HEAD moves. Look again after this, before sleeping. */
  announceSleep(): void {
    Atomics.store(this.words, READER_ASLEEP, 1);
  }

  /** From now on they do not. */
  takeBackSleep(): void {
    Atomics.store(this.words, READER_ASLEEP, 0);
  }
}
