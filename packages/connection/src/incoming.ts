import { closeDescriptor } from '@mp/native';
import type { IncomingPickle } from '@mp/reduction';
import { type Codec, trustingCodec } from './codec.ts';
import { BufferTooShortError } from './errors.ts';
import type { Incoming, MessageKind, Transport } from './transport.ts';

/** Whether decoding needs nothing but the bytes: no module, no descriptor, no code of the user. */
export const isPlain = ({ bytes, start }: Incoming): boolean => bytes[start] === PLAIN;

const PLAIN = 0x50;

/** The pickle of null. */
const NOTHING: IncomingPickle = { bytes: Uint8Array.of(PLAIN, 0xc0), start: 0, end: 2 };

/**
 * The unpickler and msgpackr keep the memory that they have read last. That is good for a ring, which is read again and
 * again; but a segment would stay mapped until the next message, however long that takes. So they read something else.
 */
const letGoOfMemory = (): void => void trustingCodec.unpickler.finish(NOTHING);

/** A message in memory of its own. */
export class DetachedMessage implements Incoming {
  readonly kind: MessageKind;
  readonly bytes: Buffer;
  readonly start = 0;
  readonly end: number;
  readonly buffers: readonly Uint8Array[];
  readonly descriptors: readonly number[];
  readonly lasting = true;

  constructor({ kind, bytes, start, end, buffers, descriptors }: Incoming) {
    this.kind = kind;
    this.end = end - start;
    this.bytes = Buffer.allocUnsafeSlow(this.end);
    this.bytes.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, this.end));
    this.buffers = buffers;
    this.descriptors = descriptors;
  }

  keepBytes(): Uint8Array {
    return this.bytes;
  }

  release(): void {}
}

/** Takes a message out of its transport, so that it stays good while a module is loaded. */
export function keep(message: Incoming, transport: Transport): Incoming {
  try {
    return message.lasting ? message : new DetachedMessage(message);
  } finally {
    transport.done();
  }
}

/** Decodes a message whose modules are loaded, and frees what nobody asked for. */
export function decode(message: Incoming, { unpickler }: Codec): unknown {
  try {
    return unpickler.finish(message);
  } finally {
    if (message.descriptors.length > 0) {
      for (const descriptor of message.unclaimed ?? message.descriptors) closeDescriptor(descriptor);
    }
    message.release();
    if (message.lasting) letGoOfMemory();
  }
}

/** A message that nobody will decode, with everything that came with it. */
export function drop(message: Incoming): void {
  for (const descriptor of message.descriptors) closeDescriptor(descriptor);
  message.release();
  if (message.lasting) letGoOfMemory();
}

/** A message that cannot be decoded is dropped. */
export function discard(message: Incoming, error: unknown): never {
  drop(message);
  throw error;
}

/** Its bytes, to be put into an error. */
export function tooShort(message: Incoming, room: number): BufferTooShortError {
  const length = message.end - message.start;
  return new BufferTooShortError(
    `recvBytesInto: the message has ${length} bytes, and there is room for ${room}. The message is in the property \`bytes\` of this error.`,
    Buffer.from(new Uint8Array(message.bytes.buffer, message.bytes.byteOffset + message.start, length).slice().buffer),
  );
}
