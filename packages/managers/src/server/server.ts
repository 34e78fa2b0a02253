import { randomUUID } from 'node:crypto';
import { type Address, type AuthKey, type Connection, Listener } from '@mp/connection';
import { ClosedError } from '@mp/errors';
import { atFork, type WaitOptions, waitWithin } from '@mp/native';
import { registerLocal } from '@mp/reduction';
import { ManagerStateError, RemoteError } from '../errors.ts';
import type { Serializer } from '../options.ts';
import type { Control } from '../protocol.ts';
import { managerCodec } from '../python/codec.ts';
import { PythonServerConnection } from '../python/server-connection.ts';
import type { Registry } from '../registry.ts';
import { sealKey } from '../sealed-key.ts';
import { ServerConnection } from './connection.ts';
import { ObjectServer } from './object-server.ts';

/** What a server is told by its manager. */
export interface ServerOptions {
  readonly address: Address | undefined;
  readonly authkey: AuthKey;
  /** Whether functions and classes may come from clients. */
  readonly trusted: boolean;
  /** Whom it serves. */
  readonly serializer: Serializer;
  /** How long a client may be out of reach. */
  readonly peerTimeout: number | undefined;
  readonly name: string;
}

/**
 * Serves the objects of a manager: accepts clients, makes objects for them, and calls their methods.
 *
 *     Listener ─▶ ServerConnection (one for each) ─▶ ObjectServer: objects, references, tickets
 *
 * All methods run in the event loop of this process: two calls never run at the same time, and one that awaits something
 * lets others run meanwhile. A method that computes for a second makes everybody wait for a second.
 *
 * Python: `multiprocessing.managers.Server`, with a thread for each connection.
 *
 * @example
 * ```ts
 * const server = new MyManager({ address: ['0.0.0.0', 50000], authkey: 'our secret' }).getServer();
 * await server.serveForever();
 * ```
 */
export class Server implements Disposable {
  readonly #listener: Listener<unknown, never>;
  readonly #objects: ObjectServer;
  readonly #connections = new Set<ServerConnection | PythonServerConnection>();
  readonly #serializer: Serializer;
  readonly #stopped = Promise.withResolvers<void>();
  #accepting = false;
  #closed = false;

  /** Begins to listen; nobody is let in before {@link start}. @internal made by `BaseManager.getServer` */
  constructor(registry: Registry, { address, authkey, trusted, serializer, peerTimeout, name }: ServerOptions) {
    this.#listener = new Listener(address ?? abstractName(), {
      authkey,
      peerTimeout,
      allowMd5: serializer === 'python',
      codec: serializer === 'python' ? managerCodec : trusted ? 'trusted' : 'plain',
    });
    this.#serializer = serializer;
    this.#objects = new ObjectServer(registry, name);
    const { id } = this.#objects;
    const where = this.#listener.address;
    const description = { id, address: where, trusted };
    this.#objects.description = { ...description, sealedKey: sealKey(authkey, JSON.stringify([id, where, trusted])) };
    Server.#alive.add(this);
  }

  /** Where it listens: the port that was chosen, the path that was made. */
  get address(): Address {
    return this.#listener.address;
  }

  /** Identifies it among all servers. @internal */
  get id(): string {
    return this.#objects.id;
  }

  /** @internal */
  get objects(): ObjectServer {
    return this.#objects;
  }

  /** How many objects clients refer to. */
  get numberOfObjects(): number {
    return this.#objects.objects.size;
  }

  /** What is served, for people to read. */
  debugInfo(): string {
    return this.#objects.debugInfo();
  }

  /** Lets clients in from now on, in the background: this keeps the process alive until {@link stop}. */
  start(): void {
    if (this.#closed) throw new ManagerStateError('start: this server was stopped. Make another one.');
    if (this.#accepting) return;
    this.#accepting = true;
    void this.#accept();
  }

  /**
   * Serves until {@link stop} is called, or a client shuts the server down.
   *
   * Python's does not return but exits the process.
   *
   * @throws AbortError if the signal ends it: the server is stopped
   */
  async serveForever(options?: Pick<WaitOptions, 'signal'>): Promise<void> {
    this.start();
    try {
      await waitWithin<void>(options, {
        what: 'serveForever',
        begin: (resolve) => {
          void this.#stopped.promise.then(resolve);
          return () => {};
        },
        late() {},
      });
    } finally {
      this.stop();
    }
  }

  /** Turns everybody away: calls under way give ManagerLostError, and the objects are gone. Again: does nothing. */
  stop(): void {
    if (this.#closed) return;
    this.#release();
    this.#stopped.resolve();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #release(): void {
    this.#closed = true;
    Server.#alive.delete(this);
    this.#listener.close();
    for (const connection of [...this.#connections]) connection.close();
    this.#objects.close();
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      let connection: Connection<unknown, never>;
      try {
        connection = await this.#listener.accept();
      } catch (error) {
        if (error instanceof ClosedError) return;
        // Too many descriptors: those who are here go on, and sooner or later one of them leaves.
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_AGAIN_MS));
        continue;
      }
      void this.#serve(connection);
    }
  }

  async #serve(connection: Connection<unknown, never>): Promise<void> {
    const Served = this.#serializer === 'python' ? PythonServerConnection : ServerConnection;
    const served = new Served(connection, this.#objects, (what) => this.#control(what));
    this.#connections.add(served);
    await served.serve();
    this.#connections.delete(served);
  }

  #control(what: Control): unknown {
    switch (what) {
      case 'ping':
        return undefined;
      case 'numberOfObjects':
        return this.numberOfObjects;
      case 'debugInfo':
        return this.debugInfo();
      case 'shutdown':
        // After the answer.
        setImmediate(() => this.stop());
        return undefined;
      default:
        throw new RemoteError(`A server cannot ${String(what)}.`);
    }
  }

  static readonly #alive = new Set<Server>();

  static {
    // What is served, is served by the parent.
    atFork({
      child() {
        for (const server of [...Server.#alive]) server.#release();
      },
    });
  }
}

const ACCEPT_AGAIN_MS = 100;

/** Nobody can guess it, and no name is left behind, however this process ends. */
const abstractName = (): string => `\0mp-manager-${randomUUID()}`;

registerLocal(
  Server,
  'serves in the process that made it. Pass its address and authkey, with which a manager can connect()',
);
