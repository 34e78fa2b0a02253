import { closeDescriptor, countMappings, Mapping, unmapMemory } from '@mp/native';
import { BUFFER_COUNT_OFFSET, DROPPED, FORKED, FREE, IN_USE, STATE, TABLE_OFFSET } from './segment.ts';

/**
 * How many segments of one sender stay mapped, and how large they may be together, so that the next message in the same
 * segment needs no new mapping. A sender has so many under way as its receiver forgets between two collections.
 */
const KEEP_MAPPED = 512;
const KEEP_MAPPED_BYTES = 512 << 20;

/**
 * Mappings in this thread from which on buffers are copied out of their segment. The memory of a view that was collected
 * is unmapped in the event loop only; a thread that blocks and never turns its loop would come to the end of what the
 * system allows a process, 65,530 by default, and be aborted.
 */
const MOST_MAPPINGS = 8192;

/** The receiving side of a segment. */
export class MappedSegment {
  readonly id: number;
  readonly size: number;
  /** The whole segment. A Buffer, because msgpackr reads those faster. */
  readonly bytes: Buffer;
  readonly #whole: ArrayBuffer;
  readonly #mapping: Mapping;
  readonly #state: Int32Array;
  readonly #numbers: DataView;

  constructor(id: number, descriptor: number, size: number) {
    this.id = id;
    this.size = size;
    this.#mapping = Mapping.of(descriptor, size);
    const whole = this.#mapping.view(0, size);
    this.#whole = whole;
    this.bytes = Buffer.from(whole);
    this.#state = new Int32Array(whole, 0, 2);
    this.#numbers = new DataView(whole);
  }

  get dropped(): boolean {
    return Atomics.load(this.#state, STATE) === DROPPED;
  }

  /** The message is decoded and nothing of it lies in the segment any more. */
  vacate(): void {
    Atomics.store(this.#state, STATE, FREE);
  }

  /**
   * The buffers of the message as views, each an ArrayBuffer of its own. If there are any, the segment is free again
   * when the last of them has been collected.
   */
  viewBuffers(): Uint8Array[] {
    const count = this.#numbers.getFloat64(BUFFER_COUNT_OFFSET, true);
    if (count === 0) return [];
    const copying = countMappings() > MOST_MAPPINGS;
    // With no view that holds it, releasing the lease frees the segment at once.
    const lease = this.#mapping.lease(STATE);
    const views: Uint8Array[] = [];
    try {
      for (let i = 0; i < count; i++) {
        const entry = TABLE_OFFSET + i * 16;
        const offset = this.#numbers.getFloat64(entry, true);
        const length = this.#numbers.getFloat64(entry + 8, true);
        views.push(copying ? this.#copy(offset, length) : new Uint8Array(this.#mapping.view(offset, length, lease)));
      }
    } finally {
      lease.release();
    }
    return views;
  }

  /** The same for one run of bytes. */
  viewBytes(offset: number, length: number): Uint8Array {
    if (countMappings() > MOST_MAPPINGS) {
      const copy = this.#copy(offset, length);
      this.vacate();
      return copy;
    }
    const lease = this.#mapping.lease(STATE);
    try {
      return new Uint8Array(this.#mapping.view(offset, length, lease));
    } finally {
      lease.release();
    }
  }

  beforeFork(): void {
    if (Atomics.load(this.#state, STATE) === IN_USE) Atomics.store(this.#state, FORKED, 1);
  }

  #copy(offset: number, length: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.bytes, offset, offset + length);
  }

  /**
   * No more messages in it; unmapped as soon as the last view is gone. If none is left, that is now, and not when the
   * event loop turns: a thread that only ever blocks would have mapped all that the system allows.
   */
  close(): void {
    if (Atomics.load(this.#state, STATE) !== IN_USE) unmapMemory(this.#whole);
    this.#mapping.close();
  }
}

/** The segments that came through one connection and may come again. */
export class MappedSegments {
  readonly #byId = new Map<number, MappedSegment>();
  #bytes = 0;

  /** The segment with this id. Takes over the descriptor that came with the message. */
  map(id: number, descriptor: number, size: number): MappedSegment {
    try {
      const known = this.#byId.get(id);
      if (known !== undefined) {
        this.#byId.delete(id);
        this.#byId.set(id, known);
        return known;
      }
      const segment = new MappedSegment(id, descriptor, size);
      this.#byId.set(id, segment);
      this.#bytes += size;
      this.#tidy();
      return segment;
    } finally {
      closeDescriptor(descriptor);
    }
  }

  /** The child will have the views that are in use, too, and nobody tells the sender when it has done with them. */
  beforeFork(): void {
    for (const segment of this.#byId.values()) segment.beforeFork();
  }

  close(): void {
    for (const segment of this.#byId.values()) segment.close();
    this.#byId.clear();
    this.#bytes = 0;
  }

  #tidy(): void {
    let kept = this.#byId.size;
    for (const segment of this.#byId.values()) {
      // The last one is the one that was just mapped.
      const isSurplus = kept > 1 && (kept > KEEP_MAPPED || this.#bytes > KEEP_MAPPED_BYTES);
      if (!isSurplus && !segment.dropped) continue;
      kept--;
      this.#bytes -= segment.size;
      this.#byId.delete(segment.id);
      segment.close();
    }
  }
}
