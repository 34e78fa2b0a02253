import { Client, type ClientOptions, ClientSync, ConnectError, type Connection } from '@mp/connection';
import { AbortError, BrokenPipeError, EOFError, TimeoutError } from '@mp/errors';
import { Deadline, type WaitOptions } from '@mp/native';
import { relocate } from '@mp/process/internal';
import { UnpicklingError } from '@mp/reduction';
import type { ManagerLink } from '../client/manager-link.ts';
import type { Party } from '../client/wire.ts';
import { ManagerLostError, RemoteError } from '../errors.ts';
import type { Control } from '../protocol.ts';
import { AutoProxy } from '../proxies/auto-proxy.ts';
import type { BaseProxy } from '../proxies/base-proxy.ts';
import { assertServedElsewhere } from '../server/served-here.ts';
import { managerCodec, tuple } from './codec.ts';
import { PythonReference } from './reference.ts';
import type { Token } from './token.ts';

type Wire = Connection<unknown, unknown>;

type PythonServer = Omit<Party, 'client'>;

const NO_KEYWORDS: ReadonlyMap<string, unknown> = new Map();
const CONTROLS: Readonly<Record<Control, string>> = {
  ping: 'dummy',
  shutdown: 'shutdown',
  numberOfObjects: 'number_of_objects',
  debugInfo: 'debug_info',
};

/**
 * The connections of this thread to a manager of Python. There a call occupies its connection until it is answered, by a
 * thread of its own: so there are as many connections as calls are under way, and idle ones are used again.
 */
export class PythonLink implements ManagerLink {
  readonly #server: PythonServer;
  readonly #idle: Wire[] = [];
  #sync: Wire | undefined;
  #lost: ManagerLostError | undefined;
  #users = 0;

  private constructor(server: PythonServer) {
    this.#server = server;
  }

  static async connect(server: PythonServer, options: WaitOptions | undefined): Promise<PythonLink> {
    const link = new PythonLink(server);
    await link.#once('dummy', [], options).catch(strange);
    return link;
  }

  static connectSync(server: PythonServer): PythonLink {
    const link = new PythonLink(server);
    try {
      link.#onceSync('dummy', []);
    } catch (error) {
      strange(error);
    }
    return link;
  }

  async create(typeid: string, args: readonly unknown[]): Promise<BaseProxy> {
    return this.#created(typeid, await this.#explained(() => this.#once('create', [typeid, ...args])));
  }

  createSync(typeid: string, args: readonly unknown[]): BaseProxy {
    return this.#created(
      typeid,
      this.#explainedSync(() => this.#onceSync('create', [typeid, ...args])),
    );
  }

  control(what: Control, options: WaitOptions | undefined): Promise<unknown> {
    return this.#explained(() => this.#once(CONTROLS[what], [], options));
  }

  controlSync(what: Control, timeout: number): unknown {
    return this.#explainedSync(() => this.#onceSync(CONTROLS[what], [], timeout));
  }

  /** Calls a method of an object. When the wait is ended here, Python goes on with it, and its result is lost. */
  call(ident: string, method: string, args: readonly unknown[], options: WaitOptions | undefined): Promise<unknown> {
    return this.#explained(async () => {
      const deadline = Deadline.after(options?.timeout);
      const left = (): WaitOptions => ({ signal: options?.signal, timeout: deadline.remaining() });
      const wire = this.#idle.pop() ?? (await this.#open(left()));
      let answered = false;
      try {
        await wire.send(tuple(ident, method, tuple(...args), NO_KEYWORDS), left());
        const reply = await wire.recv(left());
        answered = true;
        return this.#result(reply);
      } catch (error) {
        // What it could not be made of is not what was refused here before it was sent.
        answered ||=
          (error as { code?: unknown }).code === 'ERR_MP_PICKLING' ||
          (error as { code?: unknown }).code === 'ERR_MP_UNPICKLING';
        throw error;
      } finally {
        if (answered && this.#lost === undefined && this.#users > 0) this.#idle.push(wire);
        else wire.close();
      }
    });
  }

  callSync(ident: string, method: string, args: readonly unknown[], timeout: number | undefined): unknown {
    return this.#explainedSync(() => {
      this.#sync ??= this.#openSync();
      try {
        this.#sync.sendSync(tuple(ident, method, tuple(...args), NO_KEYWORDS));
        return this.#result(this.#sync.recvSync({ timeout }));
      } catch (error) {
        // Its answer would be taken for that of the next call.
        if (error instanceof TimeoutError) {
          this.#sync.close();
          this.#sync = undefined;
        }
        throw error;
      }
    });
  }

  /** A proxy is gone. */
  release(ident: string): void {
    if (this.#lost === undefined) this.#once('decref', [ident]).catch(() => {});
  }

  use(): void {
    this.#users++;
  }

  unuse(): void {
    if (--this.#users > 0) return;
    for (const wire of this.#idle.splice(0)) wire.close();
    this.#sync?.close();
    this.#sync = undefined;
  }

  close(reason: string): void {
    this.#end(new ManagerLostError(reason));
  }

  #created(typeid: string, created: unknown): BaseProxy {
    const [ident, exposed] = created as [string, readonly string[]];
    return this.#proxy(typeid, ident, exposed);
  }

  #proxy(typeid: string, ident: string, exposed: readonly string[]): BaseProxy {
    return new AutoProxy(new PythonReference(this, typeid, ident, exposed));
  }

  /** What a reply means. */
  #result(reply: unknown): unknown {
    const [kind, value] = Array.isArray(reply) ? (reply as unknown[]) : [];
    switch (kind) {
      case '#RETURN':
        return value;
      case '#PROXY': {
        const [exposed, token] = value as [readonly string[], Token];
        return this.#proxy(token.typeid, token.id, exposed);
      }
      case '#ERROR':
        throw value;
      case '#TRACEBACK':
        throw new RemoteError(`The Python manager answered:\n${String(value)}`);
      case '#UNSERIALIZABLE':
        throw new RemoteError(`The result cannot be pickled by Python: ${String(value)}`);
      default:
        throw new RemoteError('What answered is no manager of Python.');
    }
  }

  /** A request to the server, which gets a connection of its own. */
  async #once(method: string, args: readonly unknown[], options?: WaitOptions): Promise<unknown> {
    const wire = await this.#client(options);
    try {
      await wire.send(tuple(null, method, tuple(...args), NO_KEYWORDS), options);
      return this.#result(await wire.recv(options));
    } finally {
      wire.close();
    }
  }

  #onceSync(method: string, args: readonly unknown[], timeout?: number): unknown {
    const wire = this.#clientSync();
    try {
      wire.sendSync(tuple(null, method, tuple(...args), NO_KEYWORDS));
      return this.#result(wire.recvSync({ timeout }));
    } finally {
      wire.close();
    }
  }

  async #open(options: WaitOptions): Promise<Wire> {
    const wire = await this.#client(options);
    try {
      await wire.send(tuple(null, 'accept_connection', tuple(`node-${process.pid}`), NO_KEYWORDS), options);
      this.#result(await wire.recv(options));
      return wire;
    } catch (error) {
      wire.close();
      throw error;
    }
  }

  #openSync(): Wire {
    const wire = this.#clientSync();
    try {
      wire.sendSync(tuple(null, 'accept_connection', tuple(`node-${process.pid}`), NO_KEYWORDS));
      this.#result(wire.recvSync());
      return wire;
    } catch (error) {
      wire.close();
      throw error;
    }
  }

  #client(options: WaitOptions | undefined): Promise<Wire> {
    const settings = { ...this.#settings, signal: options?.signal };
    const timeout = options?.timeout === Number.POSITIVE_INFINITY ? undefined : options?.timeout;
    return Client<unknown, unknown>(
      this.#server.server.address,
      timeout === undefined ? settings : { ...settings, timeout },
    );
  }

  #clientSync(): Wire {
    assertServedElsewhere(this.#server.server.address);
    return ClientSync<unknown, unknown>(this.#server.server.address, this.#settings);
  }

  get #settings(): Pick<ClientOptions, 'authkey' | 'codec' | 'allowMd5' | 'peerTimeout'> {
    const { key, peerTimeout } = this.#server;
    return { authkey: key, codec: managerCodec, allowMd5: true, peerTimeout };
  }

  async #explained<T>(call: () => Promise<T>): Promise<T> {
    if (this.#lost !== undefined) throw this.#lost;
    try {
      return await call();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explainedSync<T>(call: () => T): T {
    if (this.#lost !== undefined) throw this.#lost;
    try {
      return call();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    if (error instanceof AbortError || error instanceof TimeoutError) return error;
    const gone =
      error instanceof EOFError ||
      error instanceof BrokenPipeError ||
      error instanceof ConnectError ||
      (error as { code?: unknown } | null)?.code === 'ERR_MP_CONNECTION_LOST';
    if (!gone) return inCall(error);
    this.#end(new ManagerLostError('The Python manager has ended, or cannot be reached any more.', { cause: error }));
    return this.#lost;
  }

  #end(error: ManagerLostError): void {
    this.#lost ??= error;
    for (const wire of this.#idle.splice(0)) wire.close();
    this.#sync?.close();
    this.#sync = undefined;
  }
}

/** It has let us in, and then does not speak as a manager of Python does. */
function strange(error: unknown): never {
  if (!(error instanceof EOFError || error instanceof UnpicklingError)) throw error;
  throw new ManagerLostError(
    "What answered is no manager of Python. Managers in TypeScript are connected to without `serializer: 'python'`.",
    { cause: error },
  );
}

/** An argument that cannot be pickled: called as the caller calls it; the first of `create` is the type. */
const inCall = (error: unknown): unknown => relocate(error, (path) => path.replace(/^value\[2\]/, 'args'));
