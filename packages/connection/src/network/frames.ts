import { MessageTooLongError } from '../errors.ts';
import { PICKLE } from '../ring/layout.ts';
import type { Incoming, Outgoing } from '../transport.ts';
import { NetworkProtocolError } from './errors.ts';

/**
 * CPython's frames: how a stream of bytes is cut into messages.
 *
 *     int32 n, big-endian                  then n bytes
 *     int32 -1, then uint64 n, big-endian  then n bytes; for n > 0x7fffffff, allowed for every n
 */

const SHORT_HEADER = 4;
const LONG_HEADER = 12;
const LONGEST_SHORT = 0x7fff_ffff;
/** What a frame says of itself that comes with its length in 64 bits. */
const LONG_FORM = -1;

/** Memory of a connection that is idle or has small messages. */
const SMALL_ROOM = 1 << 12;
/** Memory of a connection that is busy. Longer messages get memory of their own. */
const LARGE_ROOM = 1 << 16;
/** A stranger may announce what it never sends: memory follows what has come. */
const FIRST_OF_LONG = 1 << 20;
/** Whoever has sent this part of a message is believed to send all of it. */
const PART_BELIEVED = 64;

const NOTHING: readonly never[] = [];

/** Writes the header of a frame. Returns its length. */
export function writeHeader(header: Buffer, length: number): number {
  if (length <= LONGEST_SHORT) {
    header.writeInt32BE(length, 0);
    return SHORT_HEADER;
  }
  header.writeInt32BE(LONG_FORM, 0);
  header.writeBigUInt64BE(BigInt(length), SHORT_HEADER);
  return LONG_HEADER;
}

export const newHeader = (): Buffer => Buffer.alloc(LONG_HEADER);

/** A message and its header in memory of its own. */
export function frame({ bytes, start, end }: Pick<Outgoing, 'bytes' | 'start' | 'end'>): Buffer {
  const header = newHeader();
  const headerLength = writeHeader(header, end - start);
  const framed = Buffer.allocUnsafeSlow(headerLength + end - start);
  header.copy(framed, 0, 0, headerLength);
  framed.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start), headerLength);
  return framed;
}

/** Puts the bytes that come together to messages. One message is looked at, taken, then the next. */
export class FrameReader {
  /** The longest message, in bytes. */
  maxFrame: number;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** A message that is longer than the room for all: its memory, how much of it has come, and how much it will be. */
  #long: Buffer | undefined;
  #longHas = 0;
  #longNeeds = 0;
  #message: Frame | undefined;

  constructor(maxFrame: number) {
    this.maxFrame = maxFrame;
  }

  /** Something has come that is not yet a message. */
  get partial(): boolean {
    return this.#message === undefined && (this.#long !== undefined || this.#end > this.#start);
  }

  /** Where to put what comes next: into `bytes[start, end)`, to be told by {@link received}. */
  room(): { readonly bytes: Buffer; readonly start: number; readonly end: number } {
    if (this.#long !== undefined) {
      if (this.#longHas === this.#long.length) this.#long = grown(this.#long, this.#longNeeds);
      return { bytes: this.#long, start: this.#longHas, end: this.#long.length };
    }
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#end === this.#bytes.length) this.#makeRoom();
    return { bytes: this.#bytes, start: this.#end, end: this.#bytes.length };
  }

  received(count: number): void {
    if (this.#long !== undefined) this.#longHas += count;
    else this.#end += count;
  }

  /**
   * The next message, until it is {@link take | taken}. Undefined: it is not complete.
   *
   * @throws MessageTooLongError, NetworkProtocolError: the stream cannot be read any further
   */
  next(): Incoming | undefined {
    this.#message ??= this.#long === undefined ? this.#nextShort() : this.#nextLong();
    return this.#message;
  }

  take(): void {
    const message = this.#message;
    this.#message = undefined;
    if (message !== undefined && !message.lasting) this.#start = message.end;
  }

  #nextShort(): Frame | undefined {
    const available = this.#end - this.#start;
    if (available < SHORT_HEADER) return undefined;
    let header = SHORT_HEADER;
    let length = this.#bytes.readInt32BE(this.#start);
    if (length === LONG_FORM) {
      if (available < LONG_HEADER) return undefined;
      header = LONG_HEADER;
      length = Number(this.#bytes.readBigUInt64BE(this.#start + SHORT_HEADER));
    }
    if (length < 0) throw negative(length);
    if (length > this.maxFrame) throw tooLong(length, this.maxFrame);
    const from = this.#start + header;
    if (available >= header + length) return new Frame(this.#bytes, from, from + length, false);
    if (header + length > LARGE_ROOM) {
      this.#begin(from, length);
      return this.#nextLong();
    }
    return undefined;
  }

  #nextLong(): Frame | undefined {
    if (this.#longHas < this.#longNeeds) return undefined;
    const bytes = this.#long as Buffer;
    this.#long = undefined;
    return new Frame(bytes, 0, this.#longNeeds, true);
  }

  /** What is here of a long message moves to memory of its own. */
  #begin(from: number, length: number): void {
    this.#long = Buffer.allocUnsafeSlow(Math.min(length, FIRST_OF_LONG));
    this.#longHas = this.#bytes.copy(this.#long, 0, from, this.#end);
    this.#longNeeds = length;
    this.#start = this.#end = 0;
  }

  #makeRoom(): void {
    const waiting = this.#end - this.#start;
    if (this.#start > 0 && waiting <= this.#bytes.length / 2) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
    } else {
      const bytes = Buffer.allocUnsafeSlow(Math.max(SMALL_ROOM, Math.min(LARGE_ROOM, this.#bytes.length * 2)));
      this.#bytes.copy(bytes, 0, this.#start, this.#end);
      this.#bytes = bytes;
    }
    this.#start = 0;
    this.#end = waiting;
  }
}

/** A message as it lies in the memory of its reader, or in memory of its own. */
class Frame implements Incoming {
  /** Bytes and pickles are not told apart on the wire: a receiver knows what it asks for. */
  readonly kind = PICKLE;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly buffers: readonly Uint8Array[] = NOTHING;
  readonly descriptors: readonly number[] = NOTHING;
  readonly lasting: boolean;

  constructor(bytes: Buffer, start: number, end: number, lasting: boolean) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.lasting = lasting;
  }

  keepBytes(): Uint8Array {
    const bytes = this.bytes.subarray(this.start, this.end);
    return this.lasting ? bytes : Buffer.from(bytes);
  }

  release(): void {}
}

function grown(bytes: Buffer, most: number): Buffer {
  const believed = bytes.length >= most / PART_BELIEVED;
  const larger = Buffer.allocUnsafeSlow(believed ? most : bytes.length * 2);
  bytes.copy(larger);
  return larger;
}

const negative = (length: number): NetworkProtocolError =>
  new NetworkProtocolError(
    `The peer sent a frame of ${length} bytes: it does not speak the protocol of multiprocessing connections, or a message was cut off by a writer that died. Nothing more can be received from it.`,
  );

const tooLong = (length: number, maxFrame: number): MessageTooLongError =>
  new MessageTooLongError(
    `The peer announced a message of ${length} bytes, and maxFrame is ${maxFrame}. Nothing more can be received from this connection. If such messages are legitimate, open it with a larger maxFrame.`,
  );
