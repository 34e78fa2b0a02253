import {
  ALLOCATED,
  CHUNK_UNITS,
  LINE_MASK,
  LINE_SHIFT,
  LONGEST_LINE,
  PUT,
  READ_POSITION,
  RECLAIMABLE,
  RECLAIMED,
  UNIT_MASK,
  WRITE_POSITION,
} from '../memory/layout.ts';
import type { Piece, QueueSpace } from '../memory/space.ts';
import { KIND_MASK, LENGTH, NUMBER, PADDING, PAYLOAD, SECOND, unitsOf } from './record.ts';

/** Up to here, copying word by word in JavaScript is quicker than a call of `TypedArray.set`. */
const COPY_BY_WORDS = 128;

/** The writing end of the log, for who holds WRITER_LOCK: it neither locks nor waits nor wakes. */
export class LogWriter {
  readonly #space: QueueSpace;
  readonly #words: Int32Array;
  #piece: Piece | undefined;
  #place = -1;
  /** The memory that the last pickle came from, as words; the pickler uses one buffer over and over. */
  #source: ArrayBufferLike | undefined;
  #sourceWords: Int32Array | undefined;

  constructor(space: QueueSpace) {
    this.#space = space;
    this.#words = space.words;
  }

  /**
   * Writes a record and publishes it.
   *
   * @param second - its second word: kind, descriptors, tag
   * @returns false: the log is as long as it may become
   */
  append(second: number, bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#words;
    const number = words[PUT]!;
    const length = end - start;
    const units = unitsOf(length);
    let position = this.#position(number);
    let at = position & UNIT_MASK;
    if (at + units > CHUNK_UNITS) {
      const rest = this.#wordsAt(position);
      rest[(at << 2) + SECOND] = PADDING;
      rest[(at << 2) + NUMBER] = number;
      position = (position - at + CHUNK_UNITS) | 0;
      at = 0;
    }
    const line = position >>> LINE_SHIFT;
    if (at === 0 && line === words[ALLOCATED]! && !this.#allocate()) return false;
    const record = this.#wordsAt(position);
    const word = at << 2;
    record[word + LENGTH] = length;
    record[word + SECOND] = second;
    record[word + NUMBER] = number;
    this.#copy(bytes, start, length, record, word + PAYLOAD);
    // What was here before must not look like the record that is looked for there, see #behind.
    if (at + units < CHUNK_UNITS) record[word + (units << 2) + NUMBER] = 0;
    Atomics.store(words, PUT, (number + 1) | 0);
    words[WRITE_POSITION] = (position + units) | 0;
    return true;
  }

  /** The mappings belong to nobody any more. */
  close(): void {
    if (this.#piece !== undefined) this.#space.unpin(this.#piece);
    this.#piece = undefined;
    this.#place = -1;
  }

  /** Where the next record goes: behind the one that its writer published before it was killed, if that is not told. */
  #position(number: number): number {
    const words = this.#words;
    for (;;) {
      const reclaimable = Atomics.load(words, RECLAIMABLE);
      let position = words[WRITE_POSITION]!;
      // It was read and its chunk given back before anybody else wrote. Then the reader is at the end of what there is.
      if (isBefore(position >>> LINE_SHIFT, reclaimable)) position = Atomics.load(words, READ_POSITION);
      position = this.#behind((number - 1) | 0, position);
      // Otherwise we may have looked into a chunk that was given back meanwhile.
      if (Atomics.load(words, RECLAIMABLE) === reclaimable) return position;
    }
  }

  /** Where the message with that number ends if it is at that position, and otherwise the position. */
  #behind(last: number, start: number): number {
    let position = start;
    while (position >>> LINE_SHIFT !== this.#words[ALLOCATED]!) {
      const at = (position & UNIT_MASK) << 2;
      const record = this.#wordsAt(position);
      if (record[at + NUMBER]! !== last) break;
      if ((record[at + SECOND]! & KIND_MASK) === PADDING) position = ((position | UNIT_MASK) + 1) | 0;
      else position = (position + unitsOf(record[at + LENGTH]!)) | 0;
    }
    return position;
  }

  #wordsAt(position: number): Int32Array {
    const place = this.#space.line[(position >>> LINE_SHIFT) & (LONGEST_LINE - 1)]!;
    if (place !== this.#place) {
      this.close();
      this.#piece = this.#space.pin(place, 1);
      this.#place = place;
    }
    return this.#piece!.words;
  }

  /** One more chunk at the end of the line: one that was read, or a new one. */
  #allocate(): boolean {
    const words = this.#words;
    const allocated = words[ALLOCATED]!;
    const reclaimed = words[RECLAIMED]!;
    let chunk: number | undefined;
    if (reclaimed !== Atomics.load(words, RECLAIMABLE)) {
      chunk = this.#space.line[reclaimed & (LONGEST_LINE - 1)]!;
      // First: who is killed in between has wasted a chunk, and given it to nobody twice.
      Atomics.store(words, RECLAIMED, (reclaimed + 1) & LINE_MASK);
    } else {
      if (((allocated - reclaimed) & LINE_MASK) >= LONGEST_LINE) return false;
      chunk = this.#space.reserve(1);
      if (chunk === undefined) return false;
    }
    this.#space.line[allocated & (LONGEST_LINE - 1)] = chunk;
    Atomics.store(words, ALLOCATED, (allocated + 1) & LINE_MASK);
    return true;
  }

  #copy(bytes: Uint8Array, start: number, length: number, record: Int32Array, word: number): void {
    const from = bytes.byteOffset + start;
    if (length <= COPY_BY_WORDS && (from & 3) === 0 && (bytes.buffer.byteLength & 3) === 0) {
      if (this.#source !== bytes.buffer) {
        this.#source = bytes.buffer;
        this.#sourceWords = new Int32Array(bytes.buffer);
      }
      const source = this.#sourceWords!;
      const first = from >> 2;
      const count = (length + 3) >> 2;
      for (let i = 0; i < count; i++) record[word + i] = source[first + i]!;
      return;
    }
    this.#piece!.bytes.set(new Uint8Array(bytes.buffer, from, length), word << 2);
  }
}

/** Whether a number in the line comes before another; they wrap. */
const isBefore = (line: number, other: number): boolean => ((line - other) & LINE_MASK) > LINE_MASK >> 1;
