import {
  asShortage,
  closeDescriptor,
  createMemory,
  discardMemory,
  mapMemory,
  socketPair,
  unmapMemory,
} from '@mp/native';
import {
  CHUNK_BYTES,
  CHUNK_SHIFT,
  CHUNKS,
  FIRST_NUMBER,
  HEADER_BYTES,
  ID_BYTES,
  LINE_OFFSET,
  LONGEST_LINE,
  MAX_SIZE,
  MOST_CHUNKS,
  PUT,
  SMALLEST_SPACE_BYTES,
  SPACE_BYTES,
  TAKEN,
} from './layout.ts';

/** The descriptors of a queue, in the order in which they travel. The sockets carry the descriptors of messages. */
export type QueueDescriptors = readonly [memory: number, into: number, outOf: number];

/** Pieces that stay mapped when nobody reads or writes them, so that the next message there needs no new mapping. */
const KEEP_PIECES = 64;
const KEEP_BYTES = 256 << 20;

/** A run of chunks, mapped. */
export interface Piece {
  readonly chunk: number;
  readonly size: number;
  readonly buffer: ArrayBuffer;
  readonly words: Int32Array;
  /** A Buffer, because msgpackr reads those faster. */
  readonly bytes: Buffer;
  /** It stays mapped as long as somebody needs it. */
  pins: number;
}

/** As much address space as the system allows: `ulimit -f` may be less than what we want. */
function createSpace(): [memory: number, size: number] {
  for (let size = SPACE_BYTES; ; size /= 2) {
    try {
      return [createMemory(size, 'mp-queue'), size];
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EFBIG' || size <= SMALLEST_SPACE_BYTES) throw error;
    }
  }
}

/** The memory of a queue, as one thread sees it: the header, and those pieces of the rest that it needs. */
export class QueueSpace {
  readonly descriptors: QueueDescriptors;
  readonly header: ArrayBuffer;
  readonly words: Int32Array;
  /** Where in the memory each chunk of the log is. */
  readonly line: Int32Array;
  readonly id: number;
  readonly #pieces = new Map<number, Piece>();
  #bytes = 0;

  /** Takes over the descriptors. */
  constructor(descriptors: QueueDescriptors) {
    this.descriptors = descriptors;
    this.header = mapMemory(descriptors[0], HEADER_BYTES);
    this.words = new Int32Array(this.header, 0, 1024);
    this.line = new Int32Array(this.header, LINE_OFFSET, LONGEST_LINE);
    this.id = new DataView(this.header).getFloat64(ID_BYTES, true);
  }

  /** Memory for a new queue. */
  static create(maxSize: number): QueueSpace {
    const opened: number[] = [];
    try {
      const [memory, size] = createSpace();
      opened.push(memory);
      const [into, outOf] = socketPair();
      opened.push(into, outOf);
      const header = mapMemory(memory, HEADER_BYTES);
      const words = new Int32Array(header, 0, 1024);
      words[PUT] = FIRST_NUMBER;
      words[TAKEN] = FIRST_NUMBER;
      words[MAX_SIZE] = maxSize;
      words[MOST_CHUNKS] = Math.floor((size - HEADER_BYTES) / CHUNK_BYTES);
      new DataView(header).setFloat64(ID_BYTES, Math.random(), true);
      unmapMemory(header);
      return new QueueSpace([memory, into, outOf]);
    } catch (error) {
      for (const descriptor of opened) closeDescriptor(descriptor);
      throw asShortage('No queue could be made', error);
    }
  }

  /** So many chunks that nobody has used before, and where they begin. Undefined: there are no more. */
  reserve(count: number): number | undefined {
    if (Atomics.load(this.words, CHUNKS) + count > this.words[MOST_CHUNKS]!) return undefined;
    const chunk = Atomics.add(this.words, CHUNKS, count);
    return chunk + count > this.words[MOST_CHUNKS]! ? undefined : chunk;
  }

  /** The run of `count` chunks that begins with `chunk`. Whoever pins it must unpin it. */
  pin(chunk: number, count: number): Piece {
    const known = this.#pieces.get(chunk);
    if (known !== undefined) {
      // The one used last comes last.
      this.#pieces.delete(chunk);
      this.#pieces.set(chunk, known);
      known.pins++;
      return known;
    }
    const size = count * CHUNK_BYTES;
    const buffer = mapMemory(this.descriptors[0], size, { offset: this.#offset(chunk) });
    const piece = { chunk, size, buffer, words: new Int32Array(buffer), bytes: Buffer.from(buffer), pins: 1 };
    this.#pieces.set(chunk, piece);
    this.#bytes += size;
    this.#tidy();
    return piece;
  }

  unpin(piece: Piece): void {
    piece.pins--;
  }

  /** Gives pages back to the system; they read as zeros afterwards. */
  discard(chunk: number, bytes: number): void {
    discardMemory(this.descriptors[0], this.#offset(chunk), bytes);
  }

  close(): void {
    for (const { buffer } of this.#pieces.values()) unmapMemory(buffer);
    this.#pieces.clear();
    unmapMemory(this.header);
    for (const descriptor of this.descriptors) closeDescriptor(descriptor);
  }

  #offset(chunk: number): number {
    return HEADER_BYTES + chunk * 2 ** CHUNK_SHIFT;
  }

  #tidy(): void {
    if (this.#pieces.size <= KEEP_PIECES && this.#bytes <= KEEP_BYTES) return;
    for (const piece of this.#pieces.values()) {
      if (piece.pins > 0) continue;
      this.#pieces.delete(piece.chunk);
      this.#bytes -= piece.size;
      unmapMemory(piece.buffer);
      if (this.#pieces.size <= KEEP_PIECES && this.#bytes <= KEEP_BYTES) return;
    }
  }
}
