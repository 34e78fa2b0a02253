import { BrokenPipeError } from '@mp/errors';
import {
  closeDescriptor,
  descriptorSize,
  duplicateDescriptor,
  HolderLock,
  mapMemory,
  receiveDescriptors,
  sendDescriptors,
  unmapMemory,
} from '@mp/native';

import {
  DESCRIPTORS_SHIFT,
  HEAD,
  IN_SEGMENT,
  LARGE_KIB,
  MAX_DESCRIPTORS,
  PICKLE,
  READER_LOCK,
  REVOCABLE,
  TAG_SHIFT,
  TAIL,
  WRITER_LOCK,
} from '../ring/layout.ts';
import { RingReader } from '../ring/reader.ts';
import { RingWriter } from '../ring/writer.ts';
import { MappedSegments } from '../segment/mapped.ts';
import { PARCEL_BYTES, Parcel, packParcel, readLabel } from '../segment/parcel.ts';
import { segmentPool } from '../segment/pool.ts';
import type { Segment } from '../segment/segment.ts';
import { Spin } from '../spin.ts';
import type { HeldMessage, Incoming, MessageKind, Outgoing, Transport } from '../transport.ts';
import { HOLDERS, PIPE_HEADER_BYTES, type PipeShape, readShape, ringOffset, type Side } from './layout.ts';
import { Wakeups } from './wakeups.ts';

/** Large messages that were sent and not yet taken may hold so much memory; one is always allowed. */
const MOST_LARGE_KIB = 128 << 10;
/** A reader that died while it was awake is found out after so many sends at the latest. */
const CHECK_EVERY = 32;
/** How long somebody else may need to copy one record. */
const CONTENDED_MS = 1;
/** An end that several processes hold: who was woken in our stead may have been killed before it took the message. */
const SHARED_MS = 100;

/** The descriptors of an end, in the order in which they travel. */
export type EndDescriptors = readonly [memory: number, bell0: number, bell1: number, socket: number];

/** A message that was sent and may be taken back. */
export interface Revocable {
  readonly position: number;
  readonly segment?: Segment;
}

/** How many ends of which pipe live in this thread. */
const localHolders = new Map<number, [number, number]>();

const NOTHING: readonly never[] = [];
/** The socket's buffer is full of descriptors that nobody fetched yet. No record says this of itself. */
const NO_ROOM = -1;

/**
 * One end of a pipe on this machine.
 *
 *     process A, end 0                shared memory                 process B, end 1
 *     ────────────────           ────────────────────────           ────────────────
 *     send: lock, copy, publish ─▶ ring 0 → 1  HEAD … TAIL ─▶ receive: lock, decode in place, take
 *     receive              ◀────── ring 1 → 0             ◀────── send
 *          ▲                                                           ▲
 *          └── bell 0: «there is something», «there is room»           └── bell 1
 *          └─────────────── socket pair: descriptors; end of file ─────┘
 *
 * Under load both sides find the ring neither empty nor full and make no system call at all. Only who is about to sleep
 * says so in the ring's header, and only then does the other side ring its bell.
 */
export class LocalEnd implements Transport {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly side: Side;
  readonly shape: PipeShape;
  readonly #memory: number;
  readonly #pipe: Int32Array;
  readonly #buffer: ArrayBuffer;
  readonly #wakeups: Wakeups;
  readonly #reader: RingReader | undefined;
  readonly #readerLock: HolderLock | undefined;
  readonly #writer: RingWriter | undefined;
  readonly #writerLock: HolderLock | undefined;
  readonly #spin = new Spin();
  readonly #received = new MappedSegments();
  /** Segments that we sent and the other side may still use, and which use of theirs it was: they come round. */
  #sent: { readonly segment: Segment; readonly use: number }[] = [];
  #sends = 0;
  #tag = (Math.random() * 0x10000) | 0;
  #contended = false;
  #awakeUntil = 0;
  /** The record that `receive` shows occupies so much of the large messages' allowance. */
  #takingKib = 0;
  readonly #inPlace: InPlace | undefined;

  /** Takes over the descriptors. Whoever gave them away has counted the new holder. */
  constructor(descriptors: EndDescriptors, side: Side) {
    const [memory, bell0, bell1, socket] = descriptors;
    this.side = side;
    this.#memory = memory;
    this.#buffer = mapMemory(memory, descriptorSize(memory));
    this.shape = readShape(this.#buffer);
    const { capacity, duplex } = this.shape;
    this.readable = duplex || side === 0;
    this.writable = duplex || side === 1;
    this.#pipe = new Int32Array(this.#buffer, 0, PIPE_HEADER_BYTES >> 2);
    this.#wakeups = side === 0 ? new Wakeups(bell0, bell1, socket) : new Wakeups(bell1, bell0, socket);
    if (this.readable) {
      this.#reader = new RingReader(this.#buffer, ringOffset(side, capacity), capacity);
      this.#readerLock = new HolderLock(this.#reader.words, READER_LOCK);
      this.#inPlace = new InPlace(this.#reader.bytes);
    }
    if (this.writable) {
      this.#writer = new RingWriter(this.#buffer, ringOffset(peerOf(side), capacity), capacity);
      this.#writerLock = new HolderLock(this.#writer.words, WRITER_LOCK);
    }
    this.#countLocally(1);
  }

  get descriptors(): EndDescriptors {
    const { ownBell, peerBell, socket } = this.#wakeups;
    return this.side === 0 ? [this.#memory, ownBell, peerBell, socket] : [this.#memory, peerBell, ownBell, socket];
  }

  /** One more holds this end: the process that made it, or a copy that is about to travel. */
  countHolder(): void {
    Atomics.add(this.#pipe, HOLDERS + this.side, 1);
  }

  get ended(): boolean {
    return this.#wakeups.ended || Atomics.load(this.#pipe, HOLDERS + peerOf(this.side)) === 0;
  }

  checkEnded(): boolean {
    return this.ended || this.#wakeups.checkEnded();
  }

  get fileno(): number {
    return this.#wakeups.socket;
  }

  onlyOurselves(): boolean {
    const peer = peerOf(this.side);
    const here = localHolders.get(this.shape.id)?.[peer] ?? 0;
    return here > 0 && Atomics.load(this.#pipe, HOLDERS + peer) === here;
  }

  hasMessage(): boolean {
    return this.#reader!.waiting;
  }

  receive(): Incoming | undefined {
    const reader = this.#reader!;
    if (!reader.waiting) return undefined;
    this.#contended = !this.#readerLock!.tryAcquire();
    if (this.#contended) return undefined;
    try {
      while (reader.look()) {
        if (!reader.revoked) {
          return reader.descriptors === 0 ? this.#showInPlace(reader, NOTHING) : this.#unpack(reader);
        }
        this.#skip(reader);
      }
    } catch (error) {
      // The record is beyond use, and would be for whoever reads it next.
      if (reader.end > reader.start) this.done();
      else this.#readerLock!.release();
      throw error;
    }
    this.#readerLock!.release();
    return undefined;
  }

  done(): void {
    const reader = this.#reader!;
    if (this.#takingKib > 0) {
      Atomics.sub(reader.words, LARGE_KIB, this.#takingKib);
      this.#takingKib = 0;
    }
    reader.take();
    this.#readerLock!.release();
    if (reader.writerWantsBell()) this.#wakeups.ringPeer();
  }

  send(kind: MessageKind, message: Outgoing): boolean {
    if (!this.#isLarge(message)) return this.#publish(kind, message);
    if (!this.#hasRoomForParcel()) return false;
    const held = this.hold(kind, message);
    let sent = false;
    try {
      sent = held.send();
    } finally {
      if (!sent) held.discard();
    }
    return sent;
  }

  /**
   * Sends a message that can be taken back until a reader has begun to decode it.
   *
   * @returns where it is, for {@link revoke}; undefined: there is no room now
   */
  sendRevocable(message: Outgoing): Revocable | undefined {
    const large = this.#isLarge(message);
    if (large && !this.#hasRoomForParcel()) return undefined;
    if (!large) {
      return this.#publish(PICKLE | REVOCABLE, message) ? { position: this.#writer!.lastPosition } : undefined;
    }
    const { segment, parcel } = this.#packParcel(message, message.descriptors);
    let sent = false;
    try {
      sent = this.#publishParcel(PICKLE | REVOCABLE, parcel, segment);
    } finally {
      if (!sent) segment.vacate();
    }
    return sent ? { position: this.#writer!.lastPosition, segment } : undefined;
  }

  /** Takes a message back. False: a reader has begun to decode it, or has ended since. */
  revoke({ position, segment }: Revocable): boolean {
    const revoked = this.#writer!.revoke(position);
    if (revoked) segment?.vacate();
    return revoked;
  }

  hold(kind: MessageKind, message: Outgoing): HeldMessage {
    if (message.descriptors.length > MAX_DESCRIPTORS) throw tooManyDescriptors(message.descriptors.length);
    const descriptors = duplicateAll(message.descriptors);
    const letGo = (): void => {
      for (const descriptor of descriptors) closeDescriptor(descriptor);
    };
    if (!this.#isLarge(message)) {
      const copy = {
        bytes: copyOf(message),
        start: 0,
        end: message.end - message.start,
        buffers: NOTHING,
        descriptors,
      };
      return {
        send: () => this.#publish(kind, copy) && (letGo(), true),
        discard: letGo,
      };
    }
    let packed: { segment: Segment; parcel: Outgoing };
    try {
      packed = this.#packParcel(message, descriptors);
    } catch (error) {
      letGo();
      throw error;
    }
    const { segment, parcel } = packed;
    return {
      send: () => this.#hasRoomForParcel() && this.#publishParcel(kind, parcel, segment) && (letGo(), true),
      discard: () => {
        segment.vacate();
        letGo();
      },
    };
  }

  spin(writing: boolean): boolean {
    return writing
      ? this.#spin.until(this.#writer!.words, TAIL, this.#writer!.words[TAIL]!)
      : this.#spin.until(this.#reader!.words, HEAD, this.#reader!.words[TAIL]!);
  }

  sleepOn(): readonly number[] {
    return this.#wakeups.sleepOn();
  }

  awake(): void {
    this.#wakeups.awake();
    this.#wokeUp();
  }

  announceSleep(reading: boolean, writing: boolean): void {
    this.#awakeUntil = performance.now();
    if (reading) this.#reader?.announceSleep();
    if (writing) this.#writer?.announceSleep();
  }

  sleepSync(timeout: number, writing: boolean): void {
    this.#wakeups.sleepSync(Math.min(timeout, this.lookAgainAfter(writing, 3)));
    this.#wokeUp();
  }

  lookAgainAfter(writing: boolean, attempt: number): number {
    if (this.#contended) return CONTENDED_MS;
    // The reader rings when half of the ring is free; a little room may be enough before that.
    if (writing) return Math.min(2 ** attempt, SHARED_MS);
    return this.#shared ? SHARED_MS : Number.POSITIVE_INFINITY;
  }

  watch(wake: () => void): void {
    this.#wakeups.watch(() => {
      this.#wokeUp();
      wake();
    });
  }

  unwatch(): void {
    this.#wakeups.unwatch();
  }

  keepLoopAlive(keep: boolean): void {
    this.#wakeups.keepLoopAlive(keep);
  }

  close(): void {
    Atomics.sub(this.#pipe, HOLDERS + this.side, 1);
    this.#countLocally(-1);
    this.#wakeups.close();
    this.#received.close();
    for (const { segment, use } of this.#sent) segmentPool.forget(segment, use);
    this.#sent = [];
    unmapMemory(this.#buffer);
    closeDescriptor(this.#memory);
  }

  get #shared(): boolean {
    return Atomics.load(this.#pipe, HOLDERS + this.side) > 1;
  }

  #wokeUp(): void {
    this.#spin.slept(performance.now() - this.#awakeUntil);
    if (!this.#shared) return;
    // Our waking may have silenced a bell that was meant for another holder of this end, who sleeps on.
    this.announceSleep(true, true);
    if (this.#reader?.waiting) this.#wakeups.ringOwn();
  }

  #isLarge({ buffers, start, end }: Outgoing): boolean {
    return buffers.length > 0 || end - start > this.#writer!.largestPayload;
  }

  #packParcel(message: Outgoing, descriptors: readonly number[]): { segment: Segment; parcel: Outgoing } {
    const { segment, label } = packParcel(message);
    const all = [segment.descriptor, ...descriptors];
    return { segment, parcel: { bytes: label, start: 0, end: label.length, buffers: NOTHING, descriptors: all } };
  }

  #hasRoomForParcel(): boolean {
    const writer = this.#writer!;
    return writer.used === 0 || Atomics.load(writer.words, LARGE_KIB) <= MOST_LARGE_KIB || this.#noRoom();
  }

  #publishParcel(kind: number, parcel: Outgoing, segment: Segment): boolean {
    const { words } = this.#writer!;
    const kib = segment.size >> 10;
    Atomics.add(words, LARGE_KIB, kib);
    let sent = false;
    try {
      sent = this.#publish(kind | IN_SEGMENT, parcel);
    } finally {
      if (!sent) Atomics.sub(words, LARGE_KIB, kib);
    }
    if (sent) {
      this.#sent = this.#sent.filter((earlier) => earlier.segment.holds(earlier.use));
      this.#sent.push({ segment, use: segment.lastUse });
    }
    return sent;
  }

  #publish(kind: number, message: Outgoing): boolean {
    if (Atomics.load(this.#pipe, HOLDERS + peerOf(this.side)) === 0) throw broken();
    const writer = this.#writer!;
    const { bytes, start, end, descriptors } = message;
    this.#contended = !this.#writerLock!.tryAcquire();
    if (this.#contended) return false;
    try {
      if (!writer.fits(end - start)) return this.#noRoom();
      const second = descriptors.length === 0 ? kind : kind | this.#sendDescriptors(descriptors);
      if (second === NO_ROOM) return false;
      writer.publish(writer.write(second, bytes, start, end));
    } finally {
      this.#writerLock!.release();
    }
    if (writer.readerWantsBell()) {
      this.#wakeups.ringPeer();
      if (this.#wakeups.checkEnded()) throw broken();
    } else if (++this.#sends % CHECK_EVERY === 0 && this.#wakeups.checkEnded()) {
      throw broken();
    }
    return true;
  }

  /** There will be room, unless those who could make it are gone: a holder that was killed stays counted. */
  #noRoom(): false {
    if (this.#wakeups.checkEnded()) throw broken();
    return false;
  }

  /**
   * Sends the descriptors of a record before the record, so that whoever sees the record finds them. Returns what the
   * record must say of them, or NO_ROOM.
   */
  #sendDescriptors(descriptors: readonly number[]): number {
    if (descriptors.length > MAX_DESCRIPTORS + 1) throw tooManyDescriptors(descriptors.length);
    this.#tag = (this.#tag + 1) & 0xffff;
    try {
      if (!sendDescriptors(this.#wakeups.socket, this.#tag, descriptors)) return NO_ROOM;
    } catch (error) {
      throw isPeerGone(error) ? broken(error) : error;
    }
    return (descriptors.length << DESCRIPTORS_SHIFT) | (this.#tag << TAG_SHIFT);
  }

  #showInPlace(reader: RingReader, descriptors: readonly number[]): Incoming {
    return this.#inPlace!.show(reader.kind as MessageKind, reader.start, reader.end, descriptors);
  }

  /** A revoked record is none; but what came with it has to be fetched and its room given back. */
  #skip(reader: RingReader): void {
    if (reader.descriptors > 0) for (const descriptor of this.#receiveDescriptors(reader)) closeDescriptor(descriptor);
    if (reader.inSegment) {
      Atomics.sub(reader.words, LARGE_KIB, readLabel(reader.bytes, reader.start).size >> 10);
    }
    reader.take();
    if (reader.writerWantsBell()) this.#wakeups.ringPeer();
  }

  #unpack(reader: RingReader): Incoming {
    const descriptors = this.#receiveDescriptors(reader);
    if (!reader.inSegment) return this.#showInPlace(reader, descriptors);
    const { id, size, offset, length } = readLabel(reader.bytes, reader.start);
    this.#takingKib = size >> 10;
    const [first, ...rest] = descriptors;
    try {
      const segment = this.#received.map(id, first!, size);
      return new Parcel(reader.kind as MessageKind, segment, offset, offset + length, rest);
    } catch (error) {
      for (const descriptor of rest) closeDescriptor(descriptor);
      throw error;
    }
  }

  /** The descriptors of the record; those of writers that were killed before they published theirs are closed. */
  #receiveDescriptors(reader: RingReader): number[] {
    for (;;) {
      const packet = receiveDescriptors(this.#wakeups.socket);
      if (packet === 'empty' || packet === 'closed') {
        throw new BrokenPipeError(
          `The ${reader.descriptors} descriptors of a message are gone: another process that reads from this end took them and was killed. The message is skipped; receive again.`,
        );
      }
      if (packet.tag === reader.tag && packet.descriptors.length === reader.descriptors) return packet.descriptors;
      for (const descriptor of packet.descriptors) closeDescriptor(descriptor);
    }
  }

  #countLocally(difference: 1 | -1): void {
    const { id } = this.shape;
    const counts = localHolders.get(id) ?? [0, 0];
    counts[this.side] += difference;
    if (counts[0] + counts[1] > 0) localHolders.set(id, counts);
    else localHolders.delete(id);
  }
}

/** A message that lies in the ring. One object for all of them: a message is decoded before the next is looked at. */
class InPlace implements Incoming {
  kind: MessageKind = 1;
  readonly bytes: Buffer;
  start = 0;
  end = 0;
  readonly buffers: readonly Uint8Array[] = NOTHING;
  descriptors: readonly number[] = NOTHING;
  readonly lasting = false;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  show(kind: MessageKind, start: number, end: number, descriptors: readonly number[]): this {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.descriptors = descriptors;
    return this;
  }

  keepBytes(): Uint8Array {
    return Buffer.from(this.bytes.subarray(this.start, this.end));
  }

  release(): void {}
}

const peerOf = (side: Side): Side => (side === 0 ? 1 : 0);

const broken = (cause?: unknown): BrokenPipeError =>
  new BrokenPipeError(
    'Cannot send: the other end of this pipe is closed, or whoever held it has ended.',
    cause === undefined ? {} : { cause },
  );

const tooManyDescriptors = (count: number): RangeError =>
  new RangeError(
    `Cannot send: the message carries ${count} descriptors, and at most ${MAX_DESCRIPTORS} can travel in one message. Send several.`,
  );

/** All of them or none. */
function duplicateAll(descriptors: readonly number[]): number[] {
  const copies: number[] = [];
  try {
    for (const descriptor of descriptors) copies.push(duplicateDescriptor(descriptor));
  } catch (error) {
    for (const copy of copies) closeDescriptor(copy);
    throw error;
  }
  return copies;
}

const copyOf = ({ bytes, start, end }: Outgoing): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start).slice();

const isPeerGone = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'EPIPE' || code === 'ECONNRESET';
};
