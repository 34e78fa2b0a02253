import { BrokenPipeError } from '@mp/errors';
import {
  INLINE_BYTES,
  LINE_MASK,
  LINE_SHIFT,
  LONGEST_LINE,
  READ_POSITION,
  RECLAIMABLE,
  RECLAIMED,
  TAKEN,
  UNIT_MASK,
} from '../memory/layout.ts';
import type { Piece, QueueSpace } from '../memory/space.ts';
import { KIND_MASK, LENGTH, MESSAGE, NUMBER, PADDING, PAYLOAD, SECOND, unitsOf } from './record.ts';

/** Free chunks whose pages are kept. A queue that was long once gives its memory back. */
const KEEP_CHUNKS = 16;

/** The reading end of the log, for who holds READER_LOCK: it neither locks nor waits nor wakes. */
export class LogReader {
  readonly #space: QueueSpace;
  readonly #words: Int32Array;
  #piece: Piece | undefined;
  #place = -1;

  /** The message that {@link look} found. */
  number = 0;
  second = 0;
  start = 0;
  end = 0;
  #next = 0;

  constructor(space: QueueSpace) {
    this.#space = space;
    this.#words = space.words;
  }

  /** Where the payload is, from `start` to `end`. */
  get bytes(): Buffer {
    return this.#piece!.bytes;
  }

  /** Shows the next message without taking it. Only when there is one: PUT is not TAKEN. */
  look(): void {
    const words = this.#words;
    const number = words[TAKEN]!;
    let position = words[READ_POSITION]!;
    for (;;) {
      const record = this.#wordsAt(position);
      const word = (position & UNIT_MASK) << 2;
      const found = record[word + NUMBER]!;
      const second = record[word + SECOND]!;
      const length = record[word + LENGTH]!;
      // One behind: its reader took it, and was killed before it moved the position.
      if (found !== number && found !== ((number - 1) | 0)) throw corrupt(number, found);
      if ((second & KIND_MASK) === PADDING) {
        position = ((position | UNIT_MASK) + 1) | 0;
        continue;
      }
      if ((second & KIND_MASK) !== MESSAGE || length < 0 || length > INLINE_BYTES) throw corrupt(number, length);
      this.#next = (position + unitsOf(length)) | 0;
      if (found === number) {
        this.number = number;
        this.second = second;
        this.start = (word + PAYLOAD) << 2;
        this.end = this.start + length;
        return;
      }
      position = this.#next;
    }
  }

  /** Takes the message that {@link look} showed; its bytes may be overwritten from now on. */
  take(): void {
    const words = this.#words;
    const next = this.#next;
    Atomics.store(words, TAKEN, (this.number + 1) | 0);
    words[READ_POSITION] = next;
    if (next >>> LINE_SHIFT !== words[RECLAIMABLE]!) this.#giveBack(next >>> LINE_SHIFT);
  }

  /** The mappings belong to nobody any more. */
  close(): void {
    if (this.#piece !== undefined) this.#space.unpin(this.#piece);
    this.#piece = undefined;
    this.#place = -1;
  }

  /** Chunks before this one may be used again, and if there are many of them, their pages go back to the system. */
  #giveBack(line: number): void {
    const words = this.#words;
    const free = (line - Atomics.load(words, RECLAIMED)) & LINE_MASK;
    if (free > KEEP_CHUNKS) {
      for (let read = words[RECLAIMABLE]!; read !== line; read = (read + 1) & LINE_MASK) {
        this.#space.discard(this.#space.line[read & (LONGEST_LINE - 1)]!, 1 << 16);
      }
    }
    Atomics.store(words, RECLAIMABLE, line);
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
}

const corrupt = (number: number, found: number): BrokenPipeError =>
  new BrokenPipeError(
    `The memory of this queue is damaged: message ${number} was looked for, and ${found} found. Some process wrote into it that should not. Make a new queue.`,
  );
