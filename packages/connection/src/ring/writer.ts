import {
  align8,
  CLAIMED,
  HEAD,
  HEADER_BYTES,
  KIND_MASK,
  PADDING,
  PICKLE,
  READER_ASLEEP,
  RECORD_HEADER_BYTES,
  REVOKED,
  TAIL,
  WRITER_ASLEEP,
} from './layout.ts';

/** Up to here, copying word by word in JavaScript is quicker than a call of `TypedArray.set` (measured: 24 ns against 27). */
const COPY_BY_WORDS = 128;

/** The writing side of a ring: memory only, it neither locks nor waits nor wakes. */
export class RingWriter {
  readonly words: Int32Array;
  readonly capacity: number;
  readonly #bodyWords: Int32Array;
  readonly #body: Uint8Array;
  /** Where the record begins that was written last, counted from the first byte ever written. */
  lastPosition = 0;
  /** Our own copy of TAIL: read again from shared memory only when it says that the ring is full. */
  #tail: number;
  /** The memory that the last pickle came from, as words; the pickler uses one buffer over and over. */
  #source: ArrayBufferLike | undefined;
  #sourceWords: Int32Array | undefined;

  constructor(buffer: ArrayBuffer, offset: number, capacity: number) {
    this.words = new Int32Array(buffer, offset, HEADER_BYTES >> 2);
    this.capacity = capacity;
    this.#bodyWords = new Int32Array(buffer, offset + HEADER_BYTES, capacity >> 2);
    this.#body = new Uint8Array(buffer, offset + HEADER_BYTES, capacity);
    this.#tail = Atomics.load(this.words, TAIL);
  }

  /** The longest payload that a record may have. A quarter of the ring, so that half of it freed always makes room. */
  get largestPayload(): number {
    return (this.capacity >> 2) - RECORD_HEADER_BYTES;
  }

  /** Bytes that wait to be read. */
  get used(): number {
    return (this.words[HEAD]! - Atomics.load(this.words, TAIL)) | 0;
  }

  /** Whether a record with such a payload fits now. */
  fits(length: number): boolean {
    const head = this.words[HEAD]!;
    const room = this.#roomNeeded(head, length);
    if (this.capacity - ((head - this.#tail) | 0) >= room) return true;
    this.#tail = Atomics.load(this.words, TAIL);
    return this.capacity - ((head - this.#tail) | 0) >= room;
  }

  /** Where a record with such a payload would begin, if it were the next. */
  placeFor(length: number): number {
    const head = this.words[HEAD]!;
    const rest = this.capacity - (head & (this.capacity - 1));
    return rest < RECORD_HEADER_BYTES + align8(length) ? (head + rest) | 0 : head;
  }

  /**
   * Copies a record behind HEAD, without publishing it. Call {@link fits} first. Returns the HEAD to publish.
   *
   * @param second - the second word of the record: kind, descriptors, tag
   */
  write(second: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    let head = this.words[HEAD]!;
    let at = head & (this.capacity - 1);
    const rest = this.capacity - at;
    if (rest < RECORD_HEADER_BYTES + align8(length)) {
      this.#bodyWords[at >> 2] = rest - RECORD_HEADER_BYTES;
      this.#bodyWords[(at >> 2) + 1] = PADDING;
      head = (head + rest) | 0;
      at = 0;
    }
    const word = at >> 2;
    this.lastPosition = head;
    this.#bodyWords[word] = length;
    this.#bodyWords[word + 1] = second;
    this.#copy(bytes, start, length, word + 2, (second & KIND_MASK) === PICKLE);
    return (head + RECORD_HEADER_BYTES + align8(length)) | 0;
  }

  /** Whether a reader has taken the record that was published last. */
  get lastWasRead(): boolean {
    return this.#wasRead(this.lastPosition);
  }

  #wasRead(position: number): boolean {
    return ((position - Atomics.load(this.words, TAIL)) | 0) < 0;
  }

  /**
   * Takes back a record that nobody has claimed yet.
   *
   * @param position - of the record: what {@link lastPosition} said after it was written
   * @returns false: a reader has claimed or taken it
   */
  revoke(position: number): boolean {
    // Behind TAIL the memory may show another record by now; we alone write there, so it does not change meanwhile.
    if (this.#wasRead(position)) return false;
    const word = ((position & (this.capacity - 1)) >> 2) + 1;
    const second = Atomics.load(this.#bodyWords, word);
    if ((second & (CLAIMED | REVOKED)) !== 0) return false;
    return Atomics.compareExchange(this.#bodyWords, word, second, second | REVOKED) === second;
  }

  /** Makes everything up to `head` visible to readers. */
  publish(head: number): void {
    Atomics.store(this.words, HEAD, head);
  }

  /** After publishing: whether a sleeping reader asked for its doorbell. True once for each sleep. */
  readerWantsBell(): boolean {
    return Atomics.load(this.words, READER_ASLEEP) === 1 && Atomics.exchange(this.words, READER_ASLEEP, 0) === 1;
  }

  /** Whether a reader has taken everything and asked for its doorbell. */
  get readerSleeps(): boolean {
    return Atomics.load(this.words, READER_ASLEEP) === 1 && this.used === 0;
  }

  /** From now on readers ring when there is room. Look again after this, before sleeping. */
  announceSleep(): void {
    Atomics.store(this.words, WRITER_ASLEEP, 1);
  }

  #roomNeeded(head: number, length: number): number {
    const record = RECORD_HEADER_BYTES + align8(length);
    const rest = this.capacity - (head & (this.capacity - 1));
    return rest < record ? rest + record : record;
  }

  #copy(bytes: Uint8Array, start: number, length: number, word: number, isPickle: boolean): void {
    const from = bytes.byteOffset + start;
    // Not for bytes of the user, whose memory we must not remember.
    if (isPickle && length <= COPY_BY_WORDS && (from & 3) === 0 && (bytes.buffer.byteLength & 3) === 0) {
      if (this.#source !== bytes.buffer) {
        this.#source = bytes.buffer;
        this.#sourceWords = new Int32Array(bytes.buffer);
      }
      const source = this.#sourceWords!;
      const body = this.#bodyWords;
      const first = from >> 2;
      const count = (length + 3) >> 2;
      for (let i = 0; i < count; i++) body[word + i] = source[first + i]!;
      return;
    }
    this.#body.set(new Uint8Array(bytes.buffer, from, length), word << 2);
  }
}
