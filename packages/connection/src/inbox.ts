import { type Codec, trustingCodec } from './codec.ts';
import { decode, discard, isPlain, keep } from './incoming.ts';
import type { Incoming, Transport } from './transport.ts';

/** What is done with the messages of an {@link Inbox}. Nothing here may throw. */
export interface InboxHandler {
  message(value: unknown): void;
  /** A message came that could not be decoded. */
  undecodable(error: unknown): void;
  /** The other end is gone, and everything that it sent was handed over. Called once. */
  ended(): void;
}

/** How long messages are handed over before timers and other events get their turn, in milliseconds. */
const TURN_MS = 8;
/** Messages between two looks at the clock. */
const MESSAGES_PER_LOOK = 32;

/**
 * Hands over every message of a transport as soon as it is there, in order: for whoever serves many connections and
 * would not write a loop around `recv` for each.
 */
export class Inbox {
  readonly #transport: Transport;
  readonly #codec: Codec;
  readonly #handler: InboxHandler;
  /** Why a message could not be received. The very same once more: nothing will ever come. */
  #broken: unknown;
  #loading = false;
  #ended = false;
  #later: NodeJS.Immediate | undefined;

  constructor(transport: Transport, handler: InboxHandler) {
    this.#transport = transport;
    this.#codec = transport.codec ?? trustingCodec;
    this.#handler = handler;
  }

  /** Begins. The event loop is not kept alive by it; see {@link keepLoopAlive}. */
  open(): void {
    this.#transport.watch(this.#onWake);
    this.#transport.keepLoopAlive(false);
    this.#transport.announceSleep(true, false);
    this.#later = setImmediate(this.#onWake);
  }

  keepLoopAlive(keep: boolean): void {
    if (!this.#ended) this.#transport.keepLoopAlive(keep);
  }

  /** Hands over what is there, now. For those who block the thread. True: there was something. */
  pump(): boolean {
    for (let handed = 0; ; handed++) {
      while (!this.#loading && !this.#ended && this.#handOver()) handed++;
      if (this.#loading || this.#ended) return handed > 0;
      // Whoever blocked the thread has taken our announcement back: without another one nobody would ring for the loop.
      this.#transport.announceSleep(true, false);
      // Once more, in case something came before it.
      if (!this.#handOver()) return handed > 0;
    }
  }

  /** Ends it; the handler is not called any more. */
  close(): void {
    this.#ended = true;
    clearImmediate(this.#later);
    this.#transport.unwatch();
  }

  readonly #onWake = (): void => {
    clearImmediate(this.#later);
    const until = performance.now() + TURN_MS;
    for (let i = 1; !this.#loading && !this.#ended; i++) {
      if (!this.#handOver()) {
        this.#transport.announceSleep(true, false);
        // Once more, in case it came before the announcement.
        if (this.#ended || !this.#handOver()) return;
      }
      if (i % MESSAGES_PER_LOOK === 0 && performance.now() > until) {
        this.#later = setImmediate(this.#onWake);
        return;
      }
    }
  };

  /** Hands over one message. False: there is none at the moment. */
  #handOver(): boolean {
    const ended = this.#transport.ended;
    let message: Incoming | undefined;
    try {
      message = this.#transport.receive();
    } catch (error) {
      if (error === this.#broken) return this.#finish();
      this.#broken = error;
      this.#handler.undecodable(error);
      return true;
    }
    if (message === undefined) return ended && !this.#transport.hasMessage() ? this.#finish() : false;
    this.#decode(message);
    return true;
  }

  #finish(): false {
    this.close();
    this.#handler.ended();
    return false;
  }

  #decode(message: Incoming): void {
    let value: unknown;
    try {
      if (isPlain(message) && !message.lasting) {
        try {
          value = decode(message, this.#codec);
        } finally {
          this.#transport.done();
        }
      } else {
        const kept = keep(message, this.#transport);
        const loading = this.#codec.unpickler.prepare(kept);
        if (loading !== undefined) {
          this.#load(kept, loading);
          return;
        }
        value = decode(kept, this.#codec);
      }
    } catch (error) {
      this.#handler.undecodable(error);
      return;
    }
    this.#handler.message(value);
  }

  /** Messages that come meanwhile wait: order is kept. */
  #load(message: Incoming, loading: Promise<void>): void {
    this.#loading = true;
    const go = (): void => {
      this.#loading = false;
      if (!this.#ended) this.#onWake();
    };
    loading.then(
      () => {
        this.#settle(() => decode(message, this.#codec));
        go();
      },
      (error) => {
        this.#settle(() => discard(message, error));
        go();
      },
    );
  }

  #settle(decoding: () => unknown): void {
    if (this.#ended) return;
    let value: unknown;
    try {
      value = decoding();
    } catch (error) {
      this.#handler.undecodable(error);
      return;
    }
    this.#handler.message(value);
  }
}
