import { inspect } from 'node:util';
import { ClosedError, DeadlockError, EOFError } from '@mp/errors';
import { Deadline, type WaitOptions } from '@mp/native';
import { ModuleNotLoadedError, UnpicklingError } from '@mp/reduction';
import { type Attempt, AttemptQueue, abortError, NOT_YET, type NotYet, type Purpose, timeoutError } from './attempt.ts';
import { type ByteRange, bytesOf, checkMaxLength, roomIn } from './byte-range.ts';
import { type Codec, trustingCodec } from './codec.ts';
import { DirectionError, MessageTooLongError } from './errors.ts';
import { decode, discard, drop, isPlain, keep, tooShort } from './incoming.ts';
import { whyNotSent } from './partly-sent.ts';
import { BYTES, PICKLE } from './ring/layout.ts';
import type { HeldMessage, Incoming, MessageKind, Outgoing, Transport } from './transport.ts';
import { wait } from './wait.ts';
import { type Readiness, type Waitable, waitable } from './waitable.ts';

// biome-ignore lint/suspicious/noExplicitAny: what travels is the user's choice; as with JSON.parse, unnamed means any.
export type Untyped = any;

/** Options of a call that blocks the thread: nothing can abort it, so it takes no signal. */
export interface SyncWaitOptions {
  /** Milliseconds; undefined or Infinity: for ever; 0 or less: do not wait. */
  readonly timeout?: number | undefined;
}

const SENT: Promise<void> = Promise.resolve();

const SENDING: Purpose = { method: 'send', awaited: 'room for the message' };
const SENDING_SYNC: Purpose = { ...SENDING, method: 'sendSync' };
const SENDING_BYTES: Purpose = { ...SENDING, method: 'sendBytes' };
const SENDING_BYTES_SYNC: Purpose = { ...SENDING, method: 'sendBytesSync' };
const RECEIVING: Purpose = { method: 'recv', awaited: 'a message' };
const RECEIVING_SYNC: Purpose = { ...RECEIVING, method: 'recvSync' };
const RECEIVING_BYTES: Purpose = { ...RECEIVING, method: 'recvBytes' };
const RECEIVING_BYTES_SYNC: Purpose = { ...RECEIVING, method: 'recvBytesSync' };
const RECEIVING_INTO: Purpose = { ...RECEIVING, method: 'recvBytesInto' };
const RECEIVING_INTO_SYNC: Purpose = { ...RECEIVING, method: 'recvBytesIntoSync' };
const POLLING_SYNC: Purpose = { ...RECEIVING, method: 'pollSync' };

/** Connections that were never closed give back their descriptors when they are collected. */
const unreachable = new FinalizationRegistry<Transport>((transport) => transport.close());

/**
 * One end of a pipe, or of a connection over the network: messages go in at one end and come out at the other, whole
 * and in order.
 *
 * Every operation has two forms: `send`, `recv`, … return a promise and never block the event loop; `sendSync`,
 * `recvSync`, … block the thread. Both may be mixed on one connection; operations are served in the order of the calls.
 *
 * What is sent is pickled before the call returns: errors of pickling reach the caller, and later changes of the object
 * do not reach the receiver. `send` resolves when the message is on its way, not when it was received; when the peer
 * does not keep up it waits.
 *
 * The end of the other side, by `close` or by death, is never silence: what was sent before is still received, then
 * receiving gives {@link EOFError} and sending gives BrokenPipeError. Several processes may hold the same end; each
 * message goes to exactly one of them, and one that is killed in the middle harms nobody.
 *
 * A connection may itself be sent. It is closed by `close`, by `using`, or at the latest when it is collected. A call
 * that waits keeps the process alive; an idle connection does not.
 *
 * Python: `multiprocessing.connection.Connection`. Here two writers or readers on one end are safe, waiting can be
 * bounded and aborted, and large buffers inside an object are not copied twice.
 *
 * @typeParam In - what is received
 * @typeParam Out - what is sent
 */
export class Connection<In = Untyped, Out = Untyped> implements Waitable, AsyncIterable<In>, Disposable {
  readonly #transport: Transport;
  readonly #codec: Codec;
  #readable: boolean;
  #closed = false;
  /** A message that was taken, and could not be decoded without loading a module first. */
  #held: Incoming | undefined;
  readonly #receivers: AttemptQueue;
  readonly #senders: AttemptQueue;
  readonly #subscribers = new Set<() => void>();
  #lookAgain: NodeJS.Timeout | undefined;
  #looks = 0;
  #watching = false;

  /** @internal Connections are made by `Pipe`, `Listener` and `Client`. */
  constructor(transport: Transport) {
    this.#transport = transport;
    this.#codec = transport.codec ?? trustingCodec;
    this.#readable = transport.readable;
    const idle = (): void => this.#rest();
    this.#receivers = new AttemptQueue(idle);
    this.#senders = new AttemptQueue(idle);
    unreachable.register(this, transport, this);
  }

  /** @internal */
  get transport(): Transport {
    return this.#transport;
  }

  /** Whether messages can be received here. */
  get readable(): boolean {
    return this.#readable;
  }

  /** Whether messages can be sent from here. */
  get writable(): boolean {
    return this.#transport.writable;
  }

  /** Whether this end was closed by this process. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The descriptor of the connection's socket. It names the connection; to wait for a message use {@link poll} or `wait`,
   * since messages do not go through it.
   */
  fileno(): number {
    this.#assertOpen('fileno');
    return this.#transport.fileno;
  }

  /**
   * Sends an object.
   *
   * @returns resolved when the message is on its way; waits while the peer does not keep up
   * @throws PicklingError if part of the object cannot travel: nothing was sent, the connection is unharmed
   * @throws BrokenPipeError if the other end is gone
   * @throws ClosedError, TimeoutError, AbortError: nothing was sent
   * @throws PartlySentError over the network, when the wait ended in the middle of the message
   *
   * @example
   * ```ts
   * await connection.send({ id: 1, pixels: new Uint8Array(4_000_000) });
   * ```
   */
  send(value: Out, options?: WaitOptions): Promise<void> {
    try {
      this.#assertWritable('send');
      return this.#post(PICKLE, this.#pickle(value, 'send'), SENDING, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** {@link send}, blocking the thread. */
  sendSync(value: Out, options?: SyncWaitOptions): void {
    this.#assertWritable('sendSync');
    const pickle = this.#pickle(value, 'sendSync');
    const sent = this.#senders.length === 0 && this.#transport.send(PICKLE, pickle);
    if (sent !== true) this.#postSync(sent || this.#transport.hold(PICKLE, pickle), SENDING_SYNC, options);
  }

  /**
   * Receives an object.
   *
   * Loads the modules of functions and classes in the message, if they are not loaded yet.
   *
   * @throws EOFError if everything was received and the other end is gone
   * @throws UnpicklingError if the message cannot be decoded: it is skipped, the next call gets the next message
   * @throws ClosedError, TimeoutError, AbortError: no message was taken
   */
  recv(options?: WaitOptions): Promise<In> {
    return this.#take(this.#nextValue, RECEIVING, options) as Promise<In>;
  }

  /**
   * {@link recv}, blocking the thread.
   *
   * @throws ModuleNotLoadedError if the message needs a module that can only be loaded asynchronously (it uses
   * top-level await): the message is kept, and `await recv()` gets it
   */
  recvSync(options?: SyncWaitOptions): In {
    return this.#takeSync(this.#nextValueSync, RECEIVING_SYNC, options) as In;
  }

  /**
   * Sends bytes as one message. The bytes may be empty; nothing keeps a reference to them after the call returns.
   *
   * @param data - whose bytes are sent: `size` of them from `offset` on
   * @throws RangeError if `offset` and `size` do not fit `data`
   */
  sendBytes(data: ArrayBuffer | ArrayBufferView, options?: ByteRange & WaitOptions): Promise<void> {
    try {
      this.#assertWritable('sendBytes');
      return this.#post(BYTES, bytesOf(data, options), SENDING_BYTES, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** {@link sendBytes}, blocking the thread. */
  sendBytesSync(data: ArrayBuffer | ArrayBufferView, options?: ByteRange & SyncWaitOptions): void {
    this.#assertWritable('sendBytesSync');
    const message = bytesOf(data, options);
    const sent = this.#senders.length === 0 && this.#transport.send(BYTES, message);
    if (sent !== true) this.#postSync(sent || this.#transport.hold(BYTES, message), SENDING_BYTES_SYNC, options);
  }

  /**
   * Receives the bytes of one message.
   *
   * @param options - `maxLength`: the longest message to accept
   * @throws MessageTooLongError if the message is longer than `maxLength`. It is dropped, and nothing more can be
   * received: a two-way connection can still send, a one-way connection is closed.
   * @throws UnpicklingError if the message is an object with buffers or descriptors of its own: it is skipped
   */
  recvBytes(options?: { readonly maxLength?: number | undefined } & WaitOptions): Promise<Buffer> {
    let attempt: Attempt<Buffer>;
    try {
      attempt = this.#nextBytes(checkMaxLength(options?.maxLength));
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#take(attempt, RECEIVING_BYTES, options);
  }

  /** {@link recvBytes}, blocking the thread. */
  recvBytesSync(options?: { readonly maxLength?: number | undefined } & SyncWaitOptions): Buffer {
    return this.#takeSync(this.#nextBytes(checkMaxLength(options?.maxLength)), RECEIVING_BYTES_SYNC, options);
  }

  /**
   * Receives the bytes of one message into memory that is there already.
   *
   * @param target - where to put them, from byte `offset` on
   * @returns how many bytes the message had
   * @throws BufferTooShortError if there is too little room: the message is in its `bytes`
   */
  recvBytesInto(
    target: ArrayBuffer | ArrayBufferView,
    options?: { readonly offset?: number | undefined } & WaitOptions,
  ): Promise<number> {
    let attempt: Attempt<number>;
    try {
      attempt = this.#nextBytesInto(roomIn(target, options?.offset));
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#take(attempt, RECEIVING_INTO, options);
  }

  /** {@link recvBytesInto}, blocking the thread. */
  recvBytesIntoSync(
    target: ArrayBuffer | ArrayBufferView,
    options?: { readonly offset?: number | undefined } & SyncWaitOptions,
  ): number {
    return this.#takeSync(this.#nextBytesInto(roomIn(target, options?.offset)), RECEIVING_INTO_SYNC, options);
  }

  /**
   * Whether a message can be received without waiting. Also true when receiving would give {@link EOFError}.
   *
   * Waits up to `timeout` milliseconds for it, which unlike everywhere else is 0 if not given. Never takes anything.
   */
  async poll(options?: WaitOptions): Promise<boolean> {
    this.#assertReadable('poll');
    if (this.#isReady()) return true;
    const timeout = options?.timeout ?? 0;
    if (Deadline.after(timeout).expired) return false;
    const ready = await wait([this], { signal: options?.signal, timeout });
    this.#assertReadable('poll');
    return ready.length > 0;
  }

  /** {@link poll}, blocking the thread. */
  pollSync(options?: SyncWaitOptions): boolean {
    this.#assertReadable('pollSync');
    if (this.#isReady()) return true;
    const deadline = Deadline.after(options?.timeout ?? 0);
    while (!deadline.expired) {
      if (deadline.remaining() === Number.POSITIVE_INFINITY) this.#refuseDeadlock(POLLING_SYNC);
      if (this.#transport.spin(false)) return true;
      this.#transport.announceSleep(true, false);
      if (this.#isReady()) return true;
      this.#transport.sleepSync(deadline.remaining(), false);
      this.#wakeWatchers();
      if (this.#isReady()) return true;
    }
    return false;
  }

  /**
   * The messages to come, until the other end is gone.
   *
   * @example
   * ```ts
   * for await (const message of connection) console.log(message);
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncIterator<In, void, undefined> {
    for (;;) {
      let message: In;
      try {
        message = await this.recv();
      } catch (error) {
        if (error instanceof EOFError) return;
        throw error;
      }
      yield message;
    }
  }

  /**
   * Closes this end in this process. Whoever waits on it here gets {@link ClosedError}; the other side gets end of file
   * once no process holds this end any more. Closing again does nothing.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    unreachable.unregister(this);
    if (this.#held !== undefined) drop(this.#held);
    this.#held = undefined;
    const error = closedError('This connection was closed while the call was waiting.');
    this.#receivers.rejectAll(error);
    this.#senders.rejectAll(error);
    for (const wake of [...this.#subscribers]) wake();
    this.#subscribers.clear();
    this.#rest();
    this.#transport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For `wait`. @internal */
  get [waitable](): Readiness {
    return this.#readiness;
  }

  readonly #readiness: Readiness = {
    isReady: () => {
      if (this.#closed) return true;
      this.#assertReadable('wait');
      return this.#isReady();
    },
    arm: () => this.#transport.announceSleep(true, false),
    descriptors: () => this.#transport.sleepOn(),
    disarm: () => {
      this.#transport.awake();
      this.#wakeWatchers();
    },
    lookAgainAfter: () => this.#transport.lookAgainAfter(false, 0),
    onlyOurselves: () => this.#transport.onlyOurselves(),
    subscribe: (wake) => {
      this.#subscribers.add(wake);
      this.#watch();
      return () => {
        this.#subscribers.delete(wake);
        this.#rest();
      };
    },
  };

  [inspect.custom](): string {
    if (this.#closed) return '<Connection closed>';
    const ways = [this.#readable && 'readable', this.writable && 'writable'].filter(Boolean).join(' ');
    return `<Connection fd=${this.#transport.fileno} ${ways}>`;
  }

  // ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #pickle(value: Out, method: string): Outgoing {
    const pickle = this.#codec.pickle(value);
    // Code of the user has run meanwhile: a getter, a `reduce`.
    this.#assertOpen(method);
    return pickle;
  }

  #post(kind: MessageKind, message: Outgoing, purpose: Purpose, options: WaitOptions | undefined): Promise<void> {
    if (options?.signal?.aborted) throw abortError(purpose, options.signal);
    const sent = this.#senders.length === 0 && this.#transport.send(kind, message);
    if (sent === true) return SENT;
    if (Deadline.after(options?.timeout).expired) {
      if (sent !== false) sent.discard();
      throw whyNotSent(timeoutError(purpose, options?.timeout ?? 0), sent);
    }
    const held = sent || this.#transport.hold(kind, message);
    const posted = this.#senders.add(sending(held), purpose, options, () => held.discard());
    this.#watch();
    if (held.begun === undefined) return posted;
    return posted.catch((error) => Promise.reject(whyNotSent(error, held)));
  }

  #postSync(held: HeldMessage, purpose: Purpose, options: SyncWaitOptions | undefined): void {
    try {
      this.#blockUntil(sending(held), this.#senders, purpose, options, true);
    } catch (error) {
      held.discard();
      throw whyNotSent(error, held);
    }
  }

  // ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────────

  #take<T>(attempt: Attempt<T>, purpose: Purpose, options: WaitOptions | undefined): Promise<T> {
    try {
      this.#assertReadable(purpose.method);
      if (options?.signal?.aborted) throw abortError(purpose, options.signal);
      if (this.#receivers.length === 0) {
        let value = attempt();
        if (value === NOT_YET && this.#transport.spin(false)) value = attempt();
        if (value !== NOT_YET) return Promise.resolve(value);
      }
      if (Deadline.after(options?.timeout).expired) {
        if (this.#transport.checkEnded()) {
          const value = attempt();
          if (value !== NOT_YET) return Promise.resolve(value);
        }
        throw timeoutError(purpose, options?.timeout ?? 0);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    const taken = this.#receivers.add(attempt, purpose, options);
    this.#watch();
    return taken;
  }

  #takeSync<T>(attempt: Attempt<T>, purpose: Purpose, options: SyncWaitOptions | undefined): T {
    this.#assertReadable(purpose.method);
    try {
      if (this.#receivers.length === 0) {
        const value = attempt();
        if (value !== NOT_YET) return value;
      }
      return this.#blockUntil(attempt, this.#receivers, purpose, options, false);
    } catch (error) {
      if (error instanceof MessageTooLongError && !this.writable) this.close();
      throw error;
    }
  }

  /** The next message, or what is to be done without one. */
  #next(): Incoming | undefined {
    // A message was too long, and others wait for the next one already.
    if (!this.#readable) throw new DirectionError('recv: nothing more can be received, for a message was too long.');
    if (this.#held !== undefined) return this.#held;
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

  readonly #nextValue = (): unknown | NotYet => {
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

  readonly #nextValueSync = (): unknown | NotYet => {
    const message = this.#next();
    if (message === undefined) return NOT_YET;
    if (isPlain(message) && !message.lasting) return this.#decodeInPlace(message);
    const kept = this.#keep(message);
    try {
      this.#codec.unpickler.prepareSync(kept);
    } catch (error) {
      if (error instanceof ModuleNotLoadedError) this.#held = kept;
      else discard(kept, error);
      throw error;
    }
    return decode(kept, this.#codec);
  };

  /** No user code can run while such a message is decoded, so the ring may stay locked meanwhile. */
  #decodeInPlace(message: Incoming): unknown {
    try {
      return this.#codec.unpickler.finish(message);
    } finally {
      if (message === this.#held) this.#held = undefined;
      else this.#transport.done();
    }
  }

  #nextBytes(maxLength: number): Attempt<Buffer> {
    return () => {
      const message = this.#next();
      if (message === undefined) return NOT_YET;
      return this.#withBytes(message, () => {
        const length = message.end - message.start;
        if (length > maxLength) throw this.#tooLong(length, maxLength);
        const bytes = message.keepBytes();
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      });
    };
  }

  #nextBytesInto(room: Uint8Array): Attempt<number> {
    return () => {
      const message = this.#next();
      if (message === undefined) return NOT_YET;
      return this.#withBytes(message, () => {
        const { bytes, start, end } = message;
        if (end - start > room.length) throw tooShort(message, room.length);
        room.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
        return end - start;
      });
    };
  }

  #withBytes<T>(message: Incoming, use: () => T): T {
    const held = message === this.#held;
    try {
      if (message.buffers.length > 0 || message.descriptors.length > 0) throw notBytes();
      return use();
    } finally {
      if (held) this.#held = undefined;
      else this.#transport.done();
      drop(message);
    }
  }

  #tooLong(length: number, maxLength: number): MessageTooLongError {
    this.#readable = false;
    const error = new MessageTooLongError(
      `recvBytes: a message of ${length} bytes came, and at most ${maxLength} were allowed. Nothing more can be received from this connection.`,
    );
    // Not before it has reached whoever receives: closing tells everybody who waits something else.
    if (!this.writable) queueMicrotask(() => this.close());
    return error;
  }

  // ── Waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #isReady(): boolean {
    return this.#held !== undefined || this.#transport.hasMessage() || this.#transport.checkEnded();
  }

  /** Blocks until an attempt succeeds, after those that came first. */
  #blockUntil<T>(
    attempt: Attempt<T>,
    queue: AttemptQueue,
    purpose: Purpose,
    options: SyncWaitOptions | undefined,
    writing: boolean,
  ): T {
    const transport = this.#transport;
    const deadline = Deadline.after(options?.timeout);
    let announced = false;
    try {
      for (;;) {
        queue.pump();
        if (queue.length === 0) {
          const value = attempt();
          if (value !== NOT_YET) return value;
        }
        if (deadline.expired) {
          if (!announced && transport.checkEnded()) {
            announced = true;
            continue;
          }
          throw timeoutError(purpose, options?.timeout ?? 0);
        }
        if (!announced) {
          if (transport.spin(writing)) continue;
          if (deadline.remaining() === Number.POSITIVE_INFINITY) this.#refuseDeadlock(purpose);
          transport.announceSleep(!writing, writing);
          announced = true;
        } else {
          transport.sleepSync(deadline.remaining(), writing);
          announced = false;
        }
      }
    } finally {
      this.#wakeWatchers();
    }
  }

  /** A blocking call may have silenced the bell that was rung for those who wait in the event loop. */
  #wakeWatchers(): void {
    if (this.#watching) this.#onWake();
  }

  #refuseDeadlock({ method }: Purpose): void {
    if (!this.#transport.onlyOurselves()) return;
    throw new DeadlockError(
      `${method} would wait for ever: the other end of this pipe is held by this thread alone, which the call blocks. Use the promise form, or give the other end to a process first.`,
    );
  }

  /** Something waits in the event loop: be woken, and look once more in case it came meanwhile. */
  #watch(): void {
    if (!this.#watching) {
      this.#watching = true;
      this.#looks = 0;
      this.#transport.watch(this.#onWake);
    }
    this.#onWake();
  }

  readonly #onWake = (): void => {
    this.#pump();
    if (!this.#watching) return;
    this.#transport.announceSleep(this.#receivers.length + this.#subscribers.size > 0, this.#senders.length > 0);
    this.#pump();
    if (!this.#watching) return;
    clearTimeout(this.#lookAgain);
    const soon = this.#transport.lookAgainAfter(this.#senders.length > 0, Math.min(this.#looks++, 8));
    if (soon !== Number.POSITIVE_INFINITY) this.#lookAgain = setTimeout(this.#onWake, soon);
  };

  #pump(): void {
    this.#senders.pump();
    this.#receivers.pump();
    for (const wake of [...this.#subscribers]) wake();
  }

  /** Nothing waits in the event loop any more: it may end. */
  #rest(): void {
    if (!this.#watching || this.#receivers.length + this.#senders.length + this.#subscribers.size > 0) return;
    this.#watching = false;
    clearTimeout(this.#lookAgain);
    this.#transport.unwatch();
  }

  #assertOpen(method: string): void {
    if (this.#closed) throw closedError(`${method}: this connection was closed by this process.`);
  }

  #assertReadable(method: string): void {
    this.#assertOpen(method);
    if (!this.#readable) throw new DirectionError(`${method}: this connection is write-only.`);
  }

  #assertWritable(method: string): void {
    this.#assertOpen(method);
    if (!this.#transport.writable) throw new DirectionError(`${method}: this connection is read-only.`);
  }
}

const closedError = (message: string): ClosedError => new ClosedError(message);

const sending =
  (held: HeldMessage): Attempt<void> =>
  () =>
    held.send() ? undefined : NOT_YET;

const notBytes = (): UnpicklingError =>
  new UnpicklingError(
    'recvBytes: the message is an object with buffers or descriptors of its own, which bytes cannot show. It is skipped; receive objects with recv.',
  );
