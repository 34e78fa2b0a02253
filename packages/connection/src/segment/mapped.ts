import { closeDescriptor, Mapping } from '@mp/native';
import { BUFFER_COUNT_OFFSET, DROPPED, FREE, STATE, TABLE_OFFSET } from './segment.ts';

/** How many segments of one sender stay mapped, so that the next message in the same segment needs no new mapping. */
const KEEP_MAPPED = 16;

/** The receiving side of a segment. */
export class MappedSegment {
  readonly id: number;
  /** The whole segment. A Buffer, because msgpackr reads those faster. */
  readonly bytes: Buffer;
  readonly #mapping: Mapping;
  readonly #state: Int32Array;
  readonly #numbers: DataView;

  constructor(id: number, descriptor: number, size: number) {
    this.id = id;
    this.#mapping = Mapping.of(descriptor, size);
    const whole = this.#mapping.view(0, size);
    this.bytes = Buffer.from(whole);
    this.#state = new Int32Array(whole, 0, 1);
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
    const lease = this.#mapping.lease(STATE);
    const views: Uint8Array[] = [];
    try {
      for (let i = 0; i < count; i++) {
        const entry = TABLE_OFFSET + i * 16;
        const offset = this.#numbers.getFloat64(entry, true);
        const length = this.#numbers.getFloat64(entry + 8, true);
        views.push(new Uint8Array(this.#mapping.view(offset, length, lease)));
      }
    } finally {
      lease.release();
    }
    return views;
  }

  /** The same for one run of bytes. */
  viewBytes(offset: number, length: number): Uint8Array {
    const lease = this.#mapping.lease(STATE);
    try {
      return new Uint8Array(this.#mapping.view(offset, length, lease));
    } finally {
      lease.release();
    }
  }

  /** No more messages in it; unmapped as soon as the last view is gone. */
  close(): void {
    this.#mapping.close();
  }
}

/** The segments that came through one connection and may come again. */
export class MappedSegments {
  readonly #byId = new Map<number, MappedSegment>();

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
      this.#tidy();
      return segment;
    } finally {
      closeDescriptor(descriptor);
    }
  }

  close(): void {
    for (const segment of this.#byId.values()) segment.close();
    this.#byId.clear();
  }

  #tidy(): void {
    let surplus = this.#byId.size - KEEP_MAPPED;
    for (const segment of this.#byId.values()) {
      if (surplus-- > 0 || segment.dropped) {
        this.#byId.delete(segment.id);
        segment.close();
      }
    }
  }
}
