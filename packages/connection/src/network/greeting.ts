import { bytesOf } from '../byte-range.ts';
import { BYTES } from '../ring/layout.ts';
import type { HeldMessage } from '../transport.ts';
import { AuthenticationError } from './errors.ts';
import { HANDSHAKE_MAX_FRAME, type Handshake } from './handshake.ts';
import type { StreamEnd } from './stream-end.ts';

/**
 * A connection whose two sides have not yet proved who they are. Goes as far as it can each time it is pumped, so that
 * one thread can have many of them under way, and none of them can hold up another.
 */
export class Greeting {
  readonly end: StreamEnd;
  readonly #handshake: Handshake | undefined;
  readonly #maxFrame: number;
  #step: IteratorResult<Uint8Array | undefined, void> | undefined;
  #held: HeldMessage | undefined;

  /**
   * @param handshake - undefined: nobody has to prove anything
   * @param maxFrame - what is allowed once they have
   */
  constructor(end: StreamEnd, handshake: Handshake | undefined, maxFrame: number) {
    this.end = end;
    this.#handshake = handshake;
    this.#maxFrame = maxFrame;
    end.maxFrame = handshake === undefined ? maxFrame : HANDSHAKE_MAX_FRAME;
    this.#step = handshake?.next();
  }

  /** Whether it waits for room, and not for a message. */
  get writing(): boolean {
    return this.#step !== undefined && this.#step.done !== true && this.#step.value !== undefined;
  }

  /**
   * True: both sides have proved who they are.
   *
   * @throws AuthenticationError, or why the connection broke
   */
  pump(): boolean {
    if (!this.end.established) return false;
    while (this.#step !== undefined && this.#step.done !== true) {
      const { value } = this.#step;
      if (value !== undefined) {
        if (!this.#send(value)) return false;
        this.#step = this.#handshake?.next();
      } else {
        const message = this.#receive();
        if (message === undefined) return false;
        this.#step = this.#handshake?.next(message);
      }
    }
    this.end.maxFrame = this.#maxFrame;
    return true;
  }

  #send(bytes: Uint8Array): boolean {
    if (this.#held === undefined) {
      const sent = this.end.send(BYTES, bytesOf(bytes, undefined));
      if (sent === true) return true;
      this.#held = sent || this.end.hold(BYTES, bytesOf(bytes, undefined));
    }
    if (!this.#held.send()) return false;
    this.#held = undefined;
    return true;
  }

  #receive(): Uint8Array | undefined {
    const message = this.end.receive();
    if (message === undefined) {
      if (this.end.ended) throw hungUp();
      return undefined;
    }
    const bytes = Uint8Array.from(message.bytes.subarray(message.start, message.end));
    this.end.done();
    return bytes;
  }
}

const hungUp = (): AuthenticationError =>
  new AuthenticationError(
    'The peer ended the connection during the handshake. Perhaps it has no authkey, or speaks another protocol, or was too busy for too long.',
  );
