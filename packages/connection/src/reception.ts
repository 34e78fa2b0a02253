import { EOFError } from '@mp/errors';
import { atFork, closeDescriptor } from '@mp/native';
import { ModuleNotLoadedError, UnpicklingError } from '@mp/reduction';
import { type Attempt, NOT_YET, type NotYet } from './attempt.ts';
import type { Codec } from './codec.ts';
import { DirectionError, MessageTooLongError } from './errors.ts';
import { decode, discard, drop, isPlain, keep, tooShort } from './incoming.ts';
import type { Incoming, Transport } from './transport.ts';

/** How many forks lie between the first process and this one. */
let forks = 0;
atFork({
  child: () => {
    forks++;
  },
});

/** What a connection makes of the messages that its transport receives. Nothing here waits. */
export class Reception {
  readonly #transport: Transport;
  readonly #codec: Codec;
  /** Ends a connection that can neither receive nor send any more. */
  readonly #onUseless: () => void;
  #readable: boolean;
  /** A message that was taken, and could not be decoded without loading a module first. */
  #held: Incoming | undefined;
  #heldIn = 0;

  constructor(transport: Transport, codec: Codec, onUseless: () => void) {
    this.#transport = transport;
    this.#codec = codec;
    this.#readable = transport.readable;
    this.#onUseless = onUseless;
  }

  /** Whether messages can be received; not any more after one that was too long. */
  get readable(): boolean {
    return this.#readable;
  }

  /** Whether an attempt would succeed or throw. */
  get ready(): boolean {
    return this.#kept !== undefined || this.#transport.hasMessage() || this.#transport.checkEnded();
  }

  close(): void {
    if (this.#kept !== undefined) drop(this.#kept);
    this.#held = undefined;
  }

  /** The next object. A promise of it, if modules have to be loaded first. */
  readonly value: Attempt<unknown> = () => {
    const message = this.#next();
    if (message === undefined) return NOT_YET;
    if (isPlain(message) && !message.lasting) return this.#decodeInPlace(message);
    const kept = this.#keep(message);
    const loading = this.#codec.unpickler.prepare(kept);
    return loading === undefined
      ? decode(kept, this.#codec)
      : loading.then(
          () => decode(kept, this.#codec),
          (error) => discard(kept, error),
        );
  };

  /** The next object, now. */
  readonly valueSync: Attempt<unknown> = () => {
    const message = this.#next();
    if (message === undefined) return NOT_YET;
    if (isPlain(message) && !message.lasting) return this.#decodeInPlace(message);
    const kept = this.#keep(message);
    try {
      this.#codec.unpickler.prepareSync(kept);
    } catch (error) {
      if (!(error instanceof ModuleNotLoadedError)) discard(kept, error);
      this.#held = kept;
      this.#heldIn = forks;
      throw error;
    }
    return decode(kept, this.#codec);
  };

  bytes(maxLength: number): Attempt<Buffer> {
    return () =>
      this.#withBytes((message) => {
        const length = message.end - message.start;
        if (length > maxLength) throw this.#tooLong(length, maxLength);
        const bytes = message.keepBytes();
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      });
  }

  bytesInto(room: Uint8Array): Attempt<number> {
    return () =>
      this.#withBytes((message) => {
        const { bytes, start, end } = message;
        if (end - start > room.length) throw tooShort(message, room.length);
        room.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
        return end - start;
      });
  }

  /** The next message, or what is to be done without one. */
  #next(): Incoming | undefined {
    // A message was too long, and others wait for the next one already.
    if (!this.#readable) throw new DirectionError('recv: nothing more can be received, for a message was too long.');
    if (this.#kept !== undefined) return this.#kept;
    // Asked before looking: what was sent before the end is received before it.
    const ended = this.#transport.ended;
    const message = this.#transport.receive();
    if (message === undefined && ended && !this.#transport.hasMessage()) {
      throw new EOFError('Everything was received, and the other end of this connection is gone.');
    }
    return message;
  }

  /** Takes a message out of the transport, so that it stays good while a module is loaded. */
  #keep(message: Incoming): Incoming {
    if (message === this.#held) {
      this.#held = undefined;
      return message;
    }
    return keep(message, this.#transport);
  }

  /** No user code can run while such a message is decoded, so the ring may stay locked meanwhile. */
  #decodeInPlace(message: Incoming): unknown {
    try {
      return this.#codec.unpickler.finish(message);
    } finally {
      this.#transport.done();
    }
  }

  #withBytes<T>(use: (message: Incoming) => T): T | NotYet {
    const message = this.#next();
    if (message === undefined) return NOT_YET;
    const held = message === this.#held;
    try {
      if (message.buffers.length > 0 || message.descriptors.length > 0) throw notBytes();
      return use(message);
    } finally {
      if (held) this.#held = undefined;
      else this.#transport.done();
      drop(message);
    }
  }

  #tooLong(length: number, maxLength: number): MessageTooLongError {
    this.#readable = false;
    // Not before the error has reached whoever receives: closing tells everybody who waits something else.
    if (!this.#transport.writable) queueMicrotask(this.#onUseless);
    return new MessageTooLongError(
      `recvBytes: a message of ${length} bytes came, and at most ${maxLength} were allowed. Nothing more can be received from this connection.`,
    );
  }

  /** In a child that was forked there is none: the parent has taken it, and alone may free its memory. */
  get #kept(): Incoming | undefined {
    if (this.#held !== undefined && this.#heldIn !== forks) {
      for (const descriptor of this.#held.descriptors) closeDescriptor(descriptor);
      this.#held = undefined;
    }
    return this.#held;
  }
}

const notBytes = (): UnpicklingError =>
  new UnpicklingError(
    'recvBytes: the message is an object with buffers or descriptors of its own, which bytes cannot show. It is skipped; receive objects with recv.',
  );
