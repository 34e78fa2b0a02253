import { BrokenPipeError } from '@mp/errors';
import { closeDescriptor, HolderLock } from '@mp/native';
import { DescriptorChannel } from '../descriptor-channel.ts';
import { HEAD, LARGE_KIB, READER_LOCK, TAIL } from '../ring/layout.ts';
import { RingReader } from '../ring/reader.ts';
import { MappedSegments } from '../segment/mapped.ts';
import { PARCEL_BYTES, Parcel, readLabel } from '../segment/parcel.ts';
import type { Spin } from '../spin.ts';
import type { Incoming, MessageKind } from '../transport.ts';
import { InPlace } from './in-place.ts';
import type { Wakeups } from './wakeups.ts';

const NOTHING: readonly never[] = [];

/** The receiving side of an end: one reader of one ring, among others in other processes. */
export class LocalReceiver {
  /** Somebody else was taking a message when we last tried. */
  contended = false;
  readonly #ring: RingReader;
  #lock: HolderLock;
  readonly #wakeups: Wakeups;
  readonly #inPlace: InPlace;
  readonly #channel: DescriptorChannel;
  readonly #segments = new MappedSegments();
  /** The record that `receive` shows occupies so much of the large messages' allowance. */
  #takingKib = 0;

  constructor(memory: ArrayBuffer, offset: number, capacity: number, wakeups: Wakeups) {
    this.#ring = new RingReader(memory, offset, capacity);
    this.#lock = new HolderLock(this.#ring.words, READER_LOCK);
    this.#wakeups = wakeups;
    this.#inPlace = new InPlace(this.#ring.bytes);
    this.#channel = new DescriptorChannel(wakeups.socket, wakeups.socket, capacity);
  }

  get waiting(): boolean {
    return this.#ring.waiting;
  }

  receive(): Incoming | undefined {
    const ring = this.#ring;
    this.contended = false;
    if (!ring.waiting) return undefined;
    if (!this.#lock.tryAcquire()) {
      this.contended = true;
      return undefined;
    }
    try {
      while (ring.look()) {
        if (!ring.revoked) {
          return ring.descriptors === 0 && !ring.inSegment
            ? this.#inPlace.show(ring.kind as MessageKind, ring.start, ring.end)
            : this.#unpack();
        }
        this.#skip();
      }
    } catch (error) {
      if (ring.damaged) {
        // Where the next record would begin nobody knows: this was the last.
        this.#wakeups.pronounceEnded();
        ring.skipAll();
        this.#lock.release();
      } else {
        // The record is beyond use, and would be for whoever reads it next.
        this.done();
      }
      throw error;
    }
    this.#lock.release();
    return undefined;
  }

  done(): void {
    const ring = this.#ring;
    if (this.#takingKib > 0) {
      Atomics.sub(ring.words, LARGE_KIB, this.#takingKib);
      this.#takingKib = 0;
    }
    ring.take();
    this.#lock.release();
    if (ring.writerWantsBell()) this.#wakeups.ringPeer();
  }

  spin(spin: Spin): boolean {
    const { words } = this.#ring;
    return spin.until(words, HEAD, words[TAIL]!);
  }

  announceSleep(): void {
    this.#ring.announceSleep();
  }

  takeBackSleep(): void {
    this.#ring.takeBackSleep();
  }

  close(): void {
    this.#segments.close();
  }

  beforeFork(): void {
    this.#segments.beforeFork();
  }

  /** In a child that was forked. */
  afterFork(): void {
    this.#lock = new HolderLock(this.#ring.words, READER_LOCK);
    this.#takingKib = 0;
    this.contended = false;
  }

  /** A revoked record is none; but what came with it has to be fetched and its room given back. */
  #skip(): void {
    const ring = this.#ring;
    for (const descriptor of this.#receiveDescriptors() ?? NOTHING) closeDescriptor(descriptor);
    if (ring.inSegment) Atomics.sub(ring.words, LARGE_KIB, readLabel(ring.bytes, ring.start).size >> 10);
    ring.take();
    if (ring.writerWantsBell()) this.#wakeups.ringPeer();
  }

  #unpack(): Incoming {
    const ring = this.#ring;
    const descriptors = this.#receiveDescriptors();
    if (descriptors === undefined) throw descriptorsGone(ring.descriptors);
    if (!ring.inSegment) return this.#inPlace.show(ring.kind as MessageKind, ring.start, ring.end, descriptors);
    const [first, ...rest] = descriptors;
    let taken = false;
    try {
      if (first === undefined || ring.end - ring.start !== PARCEL_BYTES) throw damagedLabel();
      const { id, size, offset, length } = readLabel(ring.bytes, ring.start);
      this.#takingKib = size >> 10;
      taken = true;
      const segment = this.#segments.map(id, first, size);
      return new Parcel(ring.kind as MessageKind, segment, offset, offset + length, rest);
    } catch (error) {
      for (const descriptor of rest) closeDescriptor(descriptor);
      if (!taken && first !== undefined) closeDescriptor(first);
      throw error;
    }
  }

  #receiveDescriptors(): readonly number[] | undefined {
    const { position, tag, descriptors } = this.#ring;
    return descriptors === 0 ? NOTHING : this.#channel.receive(position, tag, descriptors);
  }
}

const descriptorsGone = (count: number): BrokenPipeError =>
  new BrokenPipeError(
    `The ${count} descriptors of a message are gone: another process that reads from this end took them and was killed. The message is skipped; receive again.`,
  );

const damagedLabel = (): BrokenPipeError =>
  new BrokenPipeError(
    'The memory of this pipe is damaged: a large message does not say where it lies. Some process wrote into it that should not. The message is skipped.',
  );
