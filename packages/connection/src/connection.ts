import { inspect } from 'node:util';
import { ClosedError, EOFError } from '@mp/errors';
import { Deadline, type WaitOptions } from '@mp/native';
import type { Attempt, Purpose } from './attempt.ts';
import { type ByteRange, bytesOf, checkMaxLength, roomIn } from './byte-range.ts';
import { type Codec, trustingCodec } from './codec.ts';
import { DirectionError, MessageTooLongError } from './errors.ts';
import { Messenger, type SyncWaitOptions } from './messenger.ts';
import { orUndo } from './not-sent.ts';
import { Reception } from './reception.ts';
import { BYTES, PICKLE } from './ring/layout.ts';
import type { Transport } from './transport.ts';
import { wait } from './wait.ts';
import { type Readiness, type Waitable, waitable } from './waitable.ts';

/** What travels through a connection whose types nobody has named. */
// biome-ignore lint/suspicious/noExplicitAny: what travels is the user's choice; as with JSON.parse, unnamed means any.
export type Untyped = any;

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

/**
 * Connections that were never closed give back their descriptors when they are collected. What is watched is the
 * messenger, which those who wait hold as well.
 */
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
 * If this process has kept a copy of the other end and everybody else who had it is dead, a `Sync` call without a time-out
 * is told within about 250 ms, and a promise when nothing else is left to do in the event loop: until then the copy
 * could still be used. Close copies that you have given away.
 *
 * @typeParam In - what is received; the peer's `Out`. It is not checked: what comes is what the peer has sent.
 * @typeParam Out - what is sent; the peer's `In`
 *
 * @example
 * ```ts
 * const [ours, theirs] = Pipe<string, number>();
 * const process = new Process({ target: work, args: [theirs] });
 * await process.start();
 * theirs.close();
 * await ours.send(7);
 * console.log(await ours.recv({ timeout: 1000 }));
 * for await (const message of ours) console.log(message); // until the other side has closed, or is dead
 * ```
 */
export class Connection<In = Untyped, Out = Untyped> implements Waitable, AsyncIterable<In>, Disposable {
  readonly #transport: Transport;
  readonly #codec: Codec;
  readonly #messenger: Messenger;
  readonly #reception: Reception;
  #closed = false;

  /** @internal Connections are made by `Pipe`, `Listener` and `Client`. */
  constructor(transport: Transport) {
    this.#transport = transport;
    this.#codec = transport.codec ?? trustingCodec;
    this.#messenger = new Messenger(transport);
    this.#reception = new Reception(transport, this.#codec, () => this.close());
    unreachable.register(this.#messenger, transport, this.#messenger);
  }

  /** @internal */
  get transport(): Transport {
    return this.#transport;
  }

  /** Whether messages can be received here. */
  get readable(): boolean {
    return this.#reception.readable;
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
   * The descriptor of the connection's socket. It names the connection; to wait for a message use {@link poll} or `wait`:
   * those of a pipe do not go through it, and of those over the network some may be here already.
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
      const message = this.#codec.pickle(value);
      const post = (): Promise<void> => {
        // Code of the user has run meanwhile: a getter, a `reduce`.
        this.#assertOpen('send');
        return this.#messenger.post(PICKLE, message, SENDING, options);
      };
      return message.ifNotSent === undefined ? post() : orUndo(message.ifNotSent, post);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** {@link send}, blocking the thread. */
  sendSync(value: Out, options?: SyncWaitOptions): void {
    this.#assertWritable('sendSync');
    const message = this.#codec.pickle(value);
    const post = (): void => {
      this.#assertOpen('sendSync');
      this.#messenger.postSync(PICKLE, message, SENDING_SYNC, options);
    };
    if (message.ifNotSent === undefined) post();
    else orUndo(message.ifNotSent, post);
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
    return this.#take(this.#reception.value, RECEIVING, options) as Promise<In>;
  }

  /**
   * {@link recv}, blocking the thread.
   *
   * @throws ModuleNotLoadedError if the message needs a module that can only be loaded asynchronously (it uses
   * top-level await): the message is kept, and `await recv()` gets it
   */
  recvSync(options?: SyncWaitOptions): In {
    return this.#takeSync(this.#reception.valueSync, RECEIVING_SYNC, options) as In;
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
      return this.#messenger.post(BYTES, bytesOf(data, options), SENDING_BYTES, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** {@link sendBytes}, blocking the thread. */
  sendBytesSync(data: ArrayBuffer | ArrayBufferView, options?: ByteRange & SyncWaitOptions): void {
    this.#assertWritable('sendBytesSync');
    this.#messenger.postSync(BYTES, bytesOf(data, options), SENDING_BYTES_SYNC, options);
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
      attempt = this.#reception.bytes(checkMaxLength(options?.maxLength));
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#take(attempt, RECEIVING_BYTES, options);
  }

  /** {@link recvBytes}, blocking the thread. */
  recvBytesSync(options?: { readonly maxLength?: number | undefined } & SyncWaitOptions): Buffer {
    return this.#takeSync(this.#reception.bytes(checkMaxLength(options?.maxLength)), RECEIVING_BYTES_SYNC, options);
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
      attempt = this.#reception.bytesInto(roomIn(target, options?.offset));
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
    return this.#takeSync(this.#reception.bytesInto(roomIn(target, options?.offset)), RECEIVING_INTO_SYNC, options);
  }

  /**
   * Whether a message can be received without waiting. Also true when receiving would give {@link EOFError}.
   *
   * Waits up to `timeout` milliseconds for it, which unlike everywhere else is 0 if not given. Never takes anything.
   */
  async poll(options?: WaitOptions): Promise<boolean> {
    this.#assertReadable('poll');
    if (this.#reception.ready) return true;
    const timeout = options?.timeout ?? 0;
    if (Deadline.after(timeout).expired) return false;
    const ready = await wait([this], { signal: options?.signal, timeout });
    this.#assertReadable('poll');
    return ready.length > 0;
  }

  /** {@link poll}, blocking the thread. */
  pollSync(options?: SyncWaitOptions): boolean {
    this.#assertReadable('pollSync');
    if (this.#reception.ready) return true;
    return this.#messenger.blockUntilReady(() => this.#reception.ready, POLLING_SYNC, options?.timeout ?? 0);
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
    unreachable.unregister(this.#messenger);
    this.#messenger.close(closedError('This connection was closed while the call was waiting.'));
    this.#reception.close();
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
      return this.#reception.ready;
    },
    arm: () => this.#transport.announceSleep(true, false),
    descriptors: () => this.#transport.sleepOn(),
    disarm: () => {
      this.#transport.awake();
      this.#messenger.wakeWatchers();
    },
    lookAgainAfter: () => this.#transport.lookAgainAfter(false, 0),
    onlyOurselves: () => this.#transport.onlyOurselves(),
    giveUp: () => {
      const orphaned = this.#transport.orphaned?.() === true;
      if (orphaned) this.#transport.pronounceEnded?.();
      return orphaned;
    },
    subscribe: (wake) => this.#messenger.subscribe(wake),
  };

  [inspect.custom](): string {
    if (this.#closed) return '<Connection closed>';
    const ways = [this.readable && 'readable', this.writable && 'writable'].filter(Boolean).join(' ');
    return `<Connection fd=${this.#transport.fileno} ${ways}>`;
  }

  #take<T>(attempt: Attempt<T>, purpose: Purpose, options: WaitOptions | undefined): Promise<T> {
    try {
      this.#assertReadable(purpose.method);
      return this.#messenger.take(attempt, purpose, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #takeSync<T>(attempt: Attempt<T>, purpose: Purpose, options: SyncWaitOptions | undefined): T {
    this.#assertReadable(purpose.method);
    try {
      return this.#messenger.takeSync(attempt, purpose, options);
    } catch (error) {
      if (error instanceof MessageTooLongError && !this.writable) this.close();
      throw error;
    }
  }

  #assertOpen(method: string): void {
    if (this.#closed) throw closedError(`${method}: this connection was closed by this process.`);
  }

  #assertReadable(method: string): void {
    this.#assertOpen(method);
    if (!this.readable) throw new DirectionError(`${method}: this connection is write-only.`);
  }

  #assertWritable(method: string): void {
    this.#assertOpen(method);
    if (!this.#transport.writable) throw new DirectionError(`${method}: this connection is read-only.`);
  }
}

const closedError = (message: string): ClosedError => new ClosedError(message);
