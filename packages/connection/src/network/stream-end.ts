import { BrokenPipeError } from '@mp/errors';
import { pollTwoSync, READABLE, WRITABLE } from '@mp/native';
import type { Codec } from '../codec.ts';
import { Spin } from '../spin.ts';
import type { HeldMessage, Incoming, MessageKind, Outgoing, Transport } from '../transport.ts';
import type { ByteStream } from './byte-stream.ts';
import { ConnectionLostError } from './errors.ts';
import { FrameReader, newHeader, writeHeader } from './frames.ts';
import { UnsentFrame } from './unsent-frame.ts';

const NOTHING = new Uint8Array(0);

/**
 * One end of a connection over the network: messages as CPython's frames in a stream of bytes.
 *
 *     Connection ── codec ──▶ StreamEnd ── frames ──▶ ByteStream: a socket, or TLS
 *                                 └── the rest of a frame that the kernel had no room for
 *
 * A frame that was begun has to be finished before the next one, also when nobody waits for it any more: it stays here
 * until the stream has taken it.
 */
export class StreamEnd implements Transport {
  readonly readable = true;
  readonly writable = true;
  readonly codec: Codec;
  readonly #stream: ByteStream;
  readonly #frames: FrameReader;
  readonly #header = newHeader();
  readonly #spin = new Spin();
  #awakeUntil = 0;
  /** A frame that is partly sent. */
  #begun: UnsentFrame | undefined;
  #eof = false;
  /** Why nothing more can be sent: the kernel tells the cause only once. */
  #broken: BrokenPipeError | undefined;
  /** Why nothing more can be received. */
  #failure: Error | undefined;
  /** Set while somebody watches. */
  #wake: (() => void) | undefined;
  #reading = false;
  #writing = false;
  #keepAlive = true;

  /** Takes over the stream. */
  constructor(stream: ByteStream, codec: Codec, maxFrame: number) {
    this.#stream = stream;
    this.codec = codec;
    this.#frames = new FrameReader(maxFrame);
  }

  /** The longest message to be received. */
  set maxFrame(bytes: number) {
    this.#frames.maxFrame = bytes;
  }

  /** Whether messages can go to and fro already. Throws if they never will. */
  get established(): boolean {
    return this.#stream.established;
  }

  get ended(): boolean {
    return this.#eof;
  }

  checkEnded(): boolean {
    if (!this.#eof) this.hasMessage();
    return this.#eof;
  }

  hasMessage(): boolean {
    try {
      return this.receive() !== undefined;
    } catch {
      // It is thrown again by who receives.
      return true;
    }
  }

  readonly #hasMessage = (): boolean => this.hasMessage();

  receive(): Incoming | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      for (;;) {
        const message = this.#frames.next();
        if (message !== undefined || this.#eof || !this.#fill()) return message;
      }
    } catch (error) {
      this.#eof = true;
      this.#failure = error as Error;
      throw error;
    }
  }

  done(): void {
    this.#frames.take();
  }

  send(_kind: MessageKind, message: Outgoing): boolean | HeldMessage {
    if (this.#begun !== undefined && !this.#begun.send()) return false;
    const { bytes, start, end } = message;
    const length = writeHeader(this.#header, end - start);
    const sent = this.write(this.#header, 0, length, bytes, start, end);
    if (sent === -1) return false;
    if (sent === length + end - start && this.#stream.flushed) return true;
    return new UnsentFrame(this, message, sent);
  }

  hold(_kind: MessageKind, message: Outgoing): HeldMessage {
    return new UnsentFrame(this, message, 0);
  }

  /** Which frame has to be finished before any other; for frames. */
  get begun(): UnsentFrame | undefined {
    return this.#begun;
  }

  set begun(frame: UnsentFrame | undefined) {
    this.#begun = frame;
  }

  get flushed(): boolean {
    return this.#stream.flushed;
  }

  /** To the stream, for frames. How many bytes; -1: no room now. */
  write(
    first: Uint8Array,
    firstStart: number,
    firstEnd: number,
    second: Uint8Array = NOTHING,
    secondStart = 0,
    secondEnd = 0,
  ): number {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      return this.#stream.send(first, firstStart, firstEnd, second, secondStart, secondEnd);
    } catch (error) {
      this.#begun = undefined;
      if (!isPeerGone(error)) this.#failure ??= lost(error);
      this.#broken = new BrokenPipeError(
        'Cannot send: the other end of this connection is closed, or whoever held it has ended or cannot be reached.',
        { cause: error },
      );
      throw this.#broken;
    }
  }

  /** Nobody waits for the frame that was begun: it is finished nevertheless. */
  finishInBackground(): void {
    this.#updateWatch();
  }

  spin(writing: boolean): boolean {
    return !writing && this.#stream.spinnable && this.#spin.untilTrue(this.#hasMessage);
  }

  announceSleep(reading: boolean, writing: boolean): void {
    this.#awakeUntil = performance.now();
    this.#reading = reading;
    this.#writing = writing;
    if (this.#wake !== undefined) this.#updateWatch();
  }

  sleepSync(timeout: number, writing: boolean): void {
    if (this.#eof && !writing) return;
    const events = (writing ? 0 : READABLE) | (writing || this.#begun !== undefined ? WRITABLE : 0);
    pollTwoSync(this.#stream.pollable, events, -1, 0, timeout);
    if (!writing) this.awake();
  }

  sleepOn(): readonly number[] {
    return [this.#stream.pollable, this.#begun === undefined ? READABLE : READABLE | WRITABLE];
  }

  awake(): void {
    this.#spin.slept(performance.now() - this.#awakeUntil);
    this.#goOn();
  }

  lookAgainAfter(): number {
    return Number.POSITIVE_INFINITY;
  }

  watch(wake: () => void): void {
    this.#wake = wake;
    this.#keepAlive = true;
    this.#stream.keepLoopAlive(true);
  }

  unwatch(): void {
    this.#wake = undefined;
    this.#updateWatch();
  }

  keepLoopAlive(keep: boolean): void {
    this.#keepAlive = keep;
    this.#stream.keepLoopAlive(keep && this.#wake !== undefined);
  }

  onlyOurselves(): boolean {
    return false;
  }

  get fileno(): number {
    return this.#stream.fileno;
  }

  close(): void {
    this.#wake = undefined;
    this.#begun = undefined;
    this.#stream.close();
  }

  readonly #onReady = (): void => {
    this.awake();
    this.#wake?.();
    // Whoever was woken says anew what it waits for; who only had a frame finished does not.
    this.#updateWatch();
  };

  /** The frame that nobody waits for. */
  #goOn(): void {
    try {
      this.#begun?.send();
    } catch {
      // The peer is gone, which is found out by the next who sends or receives.
    }
  }

  #updateWatch(): void {
    let events = 0;
    if (this.#wake !== undefined) events = (this.#reading ? READABLE : 0) | (this.#writing ? WRITABLE : 0);
    if (this.#begun !== undefined) events |= WRITABLE;
    this.#stream.keepLoopAlive(this.#wake !== undefined && this.#keepAlive);
    this.#stream.watch(events, this.#onReady);
  }

  /** Fetches what has come. False: nothing. */
  #fill(): boolean {
    const { bytes, start, end } = this.#frames.room();
    let count: number;
    try {
      count = this.#stream.receive(bytes, start, end);
    } catch (error) {
      throw lost(error);
    }
    if (count > 0) {
      this.#frames.received(count);
      return true;
    }
    if (count === 0) {
      this.#eof = true;
      if (this.#frames.partial) throw cutOff();
    }
    return false;
  }
}

const isPeerGone = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'EPIPE';

const lost = (cause: unknown): ConnectionLostError =>
  new ConnectionLostError(
    `The connection broke (${(cause as { code?: string }).code ?? (cause as Error).message}): its peer was killed, or cannot be reached any more. What was on its way is lost.`,
    { cause },
  );

const cutOff = (): ConnectionLostError =>
  new ConnectionLostError(
    'The connection ended in the middle of a message: its peer was killed or closed it while sending. The message is lost.',
  );
