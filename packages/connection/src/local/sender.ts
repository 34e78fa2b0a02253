import { BrokenPipeError } from '@mp/errors';
import { closeDescriptor, HolderLock } from '@mp/native';
import { DescriptorChannel } from '../descriptor-channel.ts';
import { duplicateAll } from '../duplicate-all.ts';
import {
  DESCRIPTORS_SHIFT,
  IN_SEGMENT,
  LARGE_KIB,
  MAX_DESCRIPTORS,
  PICKLE,
  REVOCABLE,
  TAG_SHIFT,
  TAIL,
  WRITER_LOCK,
} from '../ring/layout.ts';
import { RingWriter } from '../ring/writer.ts';
import { packParcel } from '../segment/parcel.ts';
import { segmentPool } from '../segment/pool.ts';
import type { Segment } from '../segment/segment.ts';
import type { Spin } from '../spin.ts';
import type { HeldMessage, MessageKind, Outgoing } from '../transport.ts';
import type { Holders } from './holders.ts';
import type { Wakeups } from './wakeups.ts';

/** Large messages that were sent and not yet taken may hold so much memory; one is always allowed. */
const MOST_LARGE_KIB = 128 << 10;
/** A reader that died while it was awake is found out after so many sends at the latest. */
const CHECK_EVERY = 32;

/** A message that was sent and may be taken back. */
export interface Revocable {
  readonly position: number;
  readonly segment?: Segment;
}

interface Packed {
  readonly segment: Segment;
  readonly parcel: Outgoing;
}

const NOTHING: readonly never[] = [];
/** The socket's buffer is full of descriptors that nobody fetched yet. No record says this of itself. */
const NO_ROOM = -1;

/** The sending side of an end: one writer of one ring, among others in other processes. */
export class LocalSender {
  /** Somebody else was publishing a message when we last tried. */
  contended = false;
  readonly #ring: RingWriter;
  #lock: HolderLock;
  readonly #wakeups: Wakeups;
  readonly #holders: Holders;
  readonly #channel: DescriptorChannel;
  /** Segments that we sent and the other side may still use, and which use of theirs it was: they come round. */
  #sent: { readonly segment: Segment; readonly use: number }[] = [];
  #sends = 0;

  constructor(memory: ArrayBuffer, offset: number, capacity: number, wakeups: Wakeups, holders: Holders) {
    this.#ring = new RingWriter(memory, offset, capacity);
    this.#lock = new HolderLock(this.#ring.words, WRITER_LOCK);
    this.#wakeups = wakeups;
    this.#holders = holders;
    this.#channel = new DescriptorChannel(wakeups.socket, wakeups.socket, capacity);
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

  sendRevocable(message: Outgoing): Revocable | undefined {
    const large = this.#isLarge(message);
    if (large && !this.#hasRoomForParcel()) return undefined;
    if (!large) {
      return this.#publish(PICKLE | REVOCABLE, message) ? { position: this.#ring.lastPosition } : undefined;
    }
    const { segment, parcel } = pack(message, message.descriptors);
    let sent = false;
    try {
      sent = this.#publishParcel(PICKLE | REVOCABLE, { segment, parcel });
    } finally {
      if (!sent) segment.vacate();
    }
    return sent ? { position: this.#ring.lastPosition, segment } : undefined;
  }

  revoke({ position, segment }: Revocable): boolean {
    const revoked = this.#ring.revoke(position);
    if (revoked) segment?.vacate();
    return revoked;
  }

  get readerSleeps(): boolean {
    return this.#ring.readerSleeps;
  }

  hold(kind: MessageKind, message: Outgoing): HeldMessage {
    if (message.descriptors.length > MAX_DESCRIPTORS) throw tooManyDescriptors(message.descriptors.length);
    const descriptors = duplicateAll(message.descriptors);
    const letGo = (): void => {
      for (const descriptor of descriptors) closeDescriptor(descriptor);
    };
    if (!this.#isLarge(message)) {
      const bytes = copyOf(message);
      const copy: Outgoing = { bytes, start: 0, end: bytes.length, buffers: NOTHING, descriptors };
      return {
        send: () => {
          const sent = this.#publish(kind, copy);
          if (sent) letGo();
          return sent;
        },
        discard: letGo,
      };
    }
    let packed: Packed;
    try {
      packed = pack(message, descriptors);
    } catch (error) {
      letGo();
      throw error;
    }
    return {
      send: () => {
        const sent = this.#hasRoomForParcel() && this.#publishParcel(kind, packed);
        if (sent) letGo();
        return sent;
      },
      discard: () => {
        packed.segment.vacate();
        letGo();
      },
    };
  }

  spin(spin: Spin): boolean {
    const { words } = this.#ring;
    return spin.until(words, TAIL, words[TAIL]!);
  }

  announceSleep(): void {
    this.#ring.announceSleep();
  }

  close(): void {
    for (const { segment, use } of this.#sent) segmentPool.forget(segment, use);
    this.#sent = [];
  }

  /** In a child that was forked: what was sent before, the parent has sent. */
  afterFork(): void {
    this.#lock = new HolderLock(this.#ring.words, WRITER_LOCK);
    this.#channel.afterFork();
    this.#sent = [];
    this.contended = false;
  }

  #isLarge({ buffers, start, end }: Outgoing): boolean {
    return buffers.length > 0 || end - start > this.#ring.largestPayload;
  }

  #hasRoomForParcel(): boolean {
    const ring = this.#ring;
    return ring.used === 0 || Atomics.load(ring.words, LARGE_KIB) <= MOST_LARGE_KIB || this.#noRoom();
  }

  #publishParcel(kind: number, { segment, parcel }: Packed): boolean {
    const { words } = this.#ring;
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
    if (this.#holders.peerGone || this.#wakeups.ended) throw broken();
    const ring = this.#ring;
    const { bytes, start, end, descriptors } = message;
    this.contended = !this.#lock.tryAcquire();
    if (this.contended) return false;
    try {
      if (!ring.fits(end - start)) return this.#noRoom();
      const second =
        descriptors.length === 0 ? kind : kind | this.#sendDescriptors(ring.placeFor(end - start), descriptors);
      if (second === NO_ROOM) return false;
      ring.publish(ring.write(second, bytes, start, end));
    } finally {
      this.#lock.release();
    }
    if (ring.readerWantsBell()) {
      this.#wakeups.ringPeer();
      // Who sends what it may take back finds out otherwise that the other end is gone, or it would not know what to do.
      if ((kind & REVOCABLE) === 0) this.#checkReader();
    } else if (++this.#sends % CHECK_EVERY === 0) this.#checkReader();
    return true;
  }

  /** It may have been quick: what it has read before it went was sent. */
  #checkReader(): void {
    if (this.#wakeups.checkEnded() && !this.#ring.lastWasRead) throw broken();
  }

  /** There will be room, unless those who could make it are gone: the kernel knows of all of them. */
  #noRoom(): false {
    if (this.#wakeups.checkEnded()) throw broken();
    return false;
  }

  /**
   * Sends the descriptors of a record before the record, so that whoever sees the record finds them. Returns what the
   * record must say of them, or NO_ROOM.
   */
  #sendDescriptors(place: number, descriptors: readonly number[]): number {
    if (descriptors.length > MAX_DESCRIPTORS + 1) throw tooManyDescriptors(descriptors.length);
    let tag: number | undefined;
    try {
      tag = this.#channel.send(place, descriptors);
    } catch (error) {
      throw isPeerGone(error) ? broken(error) : error;
    }
    return tag === undefined ? NO_ROOM : (descriptors.length << DESCRIPTORS_SHIFT) | (tag << TAG_SHIFT);
  }
}

function pack(message: Outgoing, descriptors: readonly number[]): Packed {
  const { segment, label } = packParcel(message);
  const all = [segment.descriptor, ...descriptors];
  return { segment, parcel: { bytes: label, start: 0, end: label.length, buffers: NOTHING, descriptors: all } };
}

const broken = (cause?: unknown): BrokenPipeError =>
  new BrokenPipeError(
    'Cannot send: the other end of this pipe is closed, or whoever held it has ended.',
    cause === undefined ? {} : { cause },
  );

const tooManyDescriptors = (count: number): RangeError =>
  new RangeError(
    `Cannot send: the message carries ${count} descriptors, and at most ${MAX_DESCRIPTORS} can travel in one message. Send several.`,
  );

const copyOf = ({ bytes, start, end }: Outgoing): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start).slice();

const isPeerGone = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'EPIPE' || code === 'ECONNRESET';
};
