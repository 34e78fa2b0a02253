import { inspect } from 'node:util';
import { ClosedError } from '@mp/errors';
import {
  atFork,
  bindSocket,
  closeDescriptor,
  Deadline,
  listenSocket,
  openSocket,
  socketAddress,
  type WaitOptions,
} from '@mp/native';
import { registerLocal } from '@mp/reduction';
import { AttemptQueue, abortError, NOT_YET, type NotYet, timeoutError } from '../attempt.ts';
import { Connection, type Untyped } from '../connection.ts';
import type { SyncWaitOptions } from '../messenger.ts';
import { type Readiness, sleepUntilOneIsReady, type Waitable, waitable } from '../waitable.ts';
import {
  type Address,
  decodeAddress,
  encodeAddress,
  type Family,
  familyNumber,
  familyOf,
  isLocal,
  show,
} from './address.ts';
import { Entrance, type Guest } from './entrance.ts';
import { InsecureListenerError } from './errors.ts';
import { listenerHandshake } from './handshake.ts';
import { type ListenerOptions, type NetworkSettings, networkSettings, positive, positiveInteger } from './options.ts';
import { prepareConnection, prepareListener } from './socket-options.ts';
import { SocketStream } from './socket-stream.ts';
import { StreamEnd } from './stream-end.ts';
import { provesClients, TlsConnection } from './tls-connection.ts';
import { TlsStream } from './tls-stream.ts';
import { temporaryPath, UnixPath } from './unix-path.ts';

const DEFAULT_BACKLOG = 128;
const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;
const DEFAULT_MAX_HANDSHAKES = 256;

const ACCEPTING = { method: 'accept', awaited: 'a connection' };
const ACCEPTING_SYNC = { method: 'acceptSync', awaited: 'a connection' };

/** Listeners that were never closed give back what they have when they are collected. */
const unreachable = new FinalizationRegistry<() => void>((close) => close());

/**
 * Waits for connections of other processes, on this machine or another, in TypeScript or Python.
 *
 * With an `authkey` only those are accepted who prove to have it; the others are turned away without disturbing anybody
 * (`onRejected` is told), however slow or silent they are. Without one, only addresses of this machine are possible.
 *
 * A listener is closed by `close`, or when it is collected; its unix socket is then removed. An idle listener does
 * not keep the process alive, a waiting `accept` does. A listener that is killed leaves its unix socket behind.
 *
 * Python: `multiprocessing.connection.Listener`. There a client with the wrong key makes `accept` raise, and a silent one
 * makes it wait for ever; `backlog` is 1.
 *
 * @typeParam In - what its connections receive
 * @typeParam Out - what they send
 *
 * @example
 * ```ts
 * const listener = new Listener(['0.0.0.0', 6000], { authkey: 'our secret' });
 * for await (const connection of listener) void serve(connection);
 * ```
 */
export class Listener<In = Untyped, Out = Untyped> implements Waitable, AsyncIterable<Connection<In, Out>>, Disposable {
  readonly #address: Address;
  readonly #family: Family;
  readonly #secure: boolean;
  readonly #entrance: Entrance;
  readonly #release: () => void;
  readonly #waiters = new AttemptQueue(() => this.#rest());
  readonly #subscribers = new Set<() => void>();
  #lastAccepted: Address | undefined;
  #closed = false;

  /**
   * Begins to listen.
   *
   * @param address - `[host, port]`, port 0: any that is free; a text: the path of a unix socket, or its abstract name
   *   after a NUL character, which every user of the machine can connect to. Default: of `family`, `AF_UNIX` being a
   *   path in a new folder that only this user may enter. Names are looked up blocking the thread.
   * @throws InsecureListenerError for an address that can be reached from other machines, without an authkey
   * @throws Error `EADDRINUSE`, `EACCES`, `ENOTFOUND`, …
   */
  constructor(address?: Address, options: ListenerOptions = {}) {
    this.#family = address === undefined ? (options.family ?? 'AF_UNIX') : familyOf(address, options.family);
    const settings = networkSettings(options, provesClients(options.tls));
    const backlog = positiveInteger('backlog', options.backlog ?? DEFAULT_BACKLOG);
    // What is wrong with a certificate is to be told now, and not to every client.
    if (options.tls !== undefined) process.getBuiltinModule('node:tls').createSecureContext(options.tls);
    const rules = this.#rules(options, settings);
    const chosen = address ?? defaultAddress(this.#family);
    const encoded = encodeAddress(chosen, this.#family);
    if (!isLocal(decodeAddress(encoded, this.#family))) refuseStrangers(chosen, options, settings);
    const descriptor = openSocket(familyNumber(this.#family));
    let path: UnixPath | undefined;
    try {
      prepareListener(descriptor, this.#family);
      bind(descriptor, encoded, chosen);
      if (typeof chosen === 'string' && chosen[0] !== '\0') path = new UnixPath(chosen, address === undefined);
      listenSocket(descriptor, backlog);
      this.#address = decodeAddress(socketAddress(descriptor, false), this.#family);
    } catch (error) {
      closeDescriptor(descriptor);
      path?.remove();
      throw error;
    }
    const entrance = new Entrance(descriptor, rules);
    this.#secure = options.tls !== undefined;
    this.#entrance = entrance;
    this.#release = () => {
      path?.remove();
      entrance.close();
    };
    unreachable.register(this, this.#release, this);
  }

  /** Where it listens: the port that was chosen, the path that was made. */
  get address(): Address {
    return this.#address;
  }

  /** The address of the last connection that was accepted; '' of a unix socket without a name. Undefined before. */
  get lastAccepted(): Address | undefined {
    return this.#lastAccepted;
  }

  /** Whether it was closed by this process. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The next connection.
   *
   * @throws ClosedError, TimeoutError, AbortError: nobody was accepted, whoever wanted to connect still can
   * @throws Error `EMFILE` when this process has too many descriptors
   */
  accept(options?: WaitOptions): Promise<Connection<In, Out>> {
    try {
      this.#assertOpen('accept');
      if (options?.signal?.aborted) throw abortError(ACCEPTING, options.signal);
      if (this.#waiters.length === 0) {
        const connection = this.#next();
        if (connection !== NOT_YET) return Promise.resolve(connection);
      }
      if (Deadline.after(options?.timeout).expired) throw timeoutError(ACCEPTING, options?.timeout ?? 0);
    } catch (error) {
      return Promise.reject(error);
    }
    const accepted = this.#waiters.add(this.#next, ACCEPTING, options);
    this.#watch();
    return accepted;
  }

  /**
   * {@link accept}, blocking the thread. Clients that prove their key are served side by side here, too.
   *
   * @throws TypeError if it speaks TLS, which needs the event loop
   */
  acceptSync(options?: SyncWaitOptions): Connection<In, Out> {
    this.#assertOpen('acceptSync');
    if (this.#secure) throw TlsConnection.refusal('acceptSync');
    const deadline = Deadline.after(options?.timeout);
    for (;;) {
      this.#waiters.pump();
      const connection = this.#waiters.length === 0 ? this.#next() : NOT_YET;
      if (connection !== NOT_YET) return connection;
      if (deadline.expired) throw timeoutError(ACCEPTING_SYNC, options?.timeout ?? 0);
      sleepUntilOneIsReady([this.#sleeper], deadline.remaining());
    }
  }

  /**
   * The connections to come, until the listener is closed.
   *
   * @example
   * ```ts
   * for await (const connection of listener) void serve(connection);
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncIterator<Connection<In, Out>, void, undefined> {
    while (!this.#closed) {
      let connection: Connection<In, Out>;
      try {
        connection = await this.accept();
      } catch (error) {
        if (this.#closed && error instanceof ClosedError) return;
        throw error;
      }
      yield connection;
    }
  }

  /**
   * Stops listening: whoever waits in `accept` gets {@link ClosedError}, whoever connects is refused, and a unix socket
   * is removed. Connections that were accepted live on. Closing again does nothing.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    unreachable.unregister(this);
    this.#release();
    this.#waiters.rejectAll(new ClosedError('accept: this listener was closed while the call was waiting.'));
    for (const wake of [...this.#subscribers]) wake();
    this.#subscribers.clear();
    this.#rest();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For `wait`: ready when `accept` would not wait. @internal */
  get [waitable](): Readiness {
    return this.#readiness;
  }

  [inspect.custom](): string {
    return `<Listener ${this.#closed ? 'closed' : show(this.#address)}>`;
  }

  /** For a thread that sleeps: it looks for itself. */
  readonly #sleeper: Readiness = {
    isReady: () => false,
    arm: () => {},
    descriptors: () => {
      if (this.#secure) throw TlsConnection.refusal('waitSync');
      return this.#entrance.sleepOn();
    },
    disarm: () => {},
    lookAgainAfter: () => this.#entrance.patience,
    subscribe: (wake) => {
      this.#subscribers.add(wake);
      this.#watch();
      return () => {
        this.#subscribers.delete(wake);
        this.#rest();
      };
    },
  };

  readonly #readiness: Readiness = {
    ...this.#sleeper,
    isReady: () => {
      if (this.#closed) return true;
      this.#entrance.pump();
      return this.#entrance.hasGuests;
    },
  };

  readonly #next = (): Connection<In, Out> | NotYet => {
    if (!this.#entrance.hasGuests) this.#entrance.pump();
    const guest = this.#entrance.take();
    return guest === undefined ? NOT_YET : this.#connect(guest);
  };

  #connect({ end, address }: Guest): Connection<In, Out> {
    this.#lastAccepted = address;
    return this.#secure ? new TlsConnection(end) : new Connection(end);
  }

  #rules(
    options: ListenerOptions,
    { codec, maxFrame, peerTimeout, handshake }: NetworkSettings,
  ): ConstructorParameters<typeof Entrance>[1] {
    const { tls, onRejected } = options;
    const family = this.#family;
    return {
      family,
      maxFrame,
      open: (descriptor) => {
        const prepared = prepareConnection(descriptor, family, peerTimeout);
        const stream = tls === undefined ? new SocketStream(prepared) : TlsStream.accept(prepared, tls);
        return new StreamEnd(stream, codec, maxFrame);
      },
      greet: () => handshake && listenerHandshake(handshake),
      handshakeTimeout: positive('handshakeTimeout', options.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT),
      maxHandshakes: positiveInteger('maxHandshakes', options.maxHandshakes ?? DEFAULT_MAX_HANDSHAKES),
      rejected: (error) => tell(onRejected, error),
    };
  }

  #watch(): void {
    Listener.#busy.add(this);
    this.#entrance.watch(this.#onWake);
    this.#onWake();
  }

  readonly #onWake = (): void => {
    this.#waiters.pump();
    for (const wake of [...this.#subscribers]) wake();
  };

  #rest(): void {
    if (this.#waiters.length + this.#subscribers.size > 0) return;
    Listener.#busy.delete(this);
    if (!this.#closed) this.#entrance.unwatch();
  }

  #assertOpen(method: string): void {
    if (this.#closed) throw new ClosedError(`${method}: this listener was closed by this process.`);
  }

  static readonly #busy = new Set<Listener>();

  static {
    // Whoever waits in `accept`, waits in the parent.
    const child = (): void => {
      for (const listener of Listener.#busy) {
        listener.#waiters.forgetAll();
        listener.#subscribers.clear();
      }
      Listener.#busy.clear();
    };
    atFork({ child });
  }
}

/** What the user's function throws is an uncaught exception, and not the business of whoever accepts. */
function tell(onRejected: ListenerOptions['onRejected'], error: Error): void {
  try {
    onRejected?.(error);
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}

function defaultAddress(family: Family): Address {
  if (family === 'AF_UNIX') return temporaryPath();
  familyOf(['', 0], family);
  return [family === 'AF_INET' ? 'localhost' : '::1', 0];
}

function bind(descriptor: number, encoded: Uint8Array, address: Address): void {
  try {
    bindSocket(descriptor, encoded);
  } catch (error) {
    (error as Error).message += `: ${show(address)}`;
    if (typeof address === 'string' && (error as { code?: string }).code === 'EADDRINUSE') {
      (error as Error).message += '. If nobody listens there, a listener that was killed has left it: remove the file.';
    }
    throw error;
  }
}

function refuseStrangers(address: Address, options: ListenerOptions, { handshake }: NetworkSettings): void {
  if (handshake !== undefined && !handshake.key.empty) return;
  if (provesClients(options.tls)) return;
  throw new InsecureListenerError(
    `Listener: ${show(address)} can be reached from other machines, and there is no authkey: everybody could connect. Give an authkey, or certificates that clients must have (tls: { requestCert: true, … }), or listen on 127.0.0.1.`,
  );
}

registerLocal(Listener, 'accepts in the process that made it. Pass its address, and call Client(address) there');
