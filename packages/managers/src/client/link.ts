import { randomUUID } from 'node:crypto';
import { AuthenticationError, type AuthKey, ConnectError } from '@mp/connection';
import { BrokenPipeError, ClosedError, DeadlockError, EOFError } from '@mp/errors';
import { atFork, threadId, type WaitOptions } from '@mp/native';
import { ManagerLostError, RemoteError } from '../errors.ts';
import {
  CONTROL,
  type Control,
  CREATE,
  type Notice,
  REDEEM,
  RELEASE,
  type Request,
  type ServerDescription,
  TICKET,
} from '../protocol.ts';
import { BaseProxy } from '../proxies/base-proxy.ts';
import { openKey, sealKey } from '../sealed-key.ts';
import { ourServers } from '../server/object-server.ts';
import { Channel } from './channel.ts';
import type { ManagerLink } from './manager-link.ts';
import { SyncChannel } from './sync-channel.ts';
import { openWire, openWireSync, type Party, type Wire } from './wire.ts';

/**
 * What this thread has to do with one server: a channel for promises, another for blocking calls, and how many times it
 * refers to which object there. All proxies of objects of that server share it.
 *
 *     proxy ─▶ RemoteReference ─▶ Link ─┬─▶ Channel ─────▶ server     await proxy.get(1)
 *                                       └─▶ SyncChannel ─▶            proxy.sync.get(1)
 *
 * A channel is opened when it is first needed. When one breaks the link is lost for good: the server has released what
 * we referred to.
 */
export class Link implements ManagerLink {
  readonly description: ServerDescription;
  #key: AuthKey | undefined;
  #client: string;
  readonly #peerTimeout: number | undefined;
  #channel: Channel | undefined;
  #opening: Promise<Channel> | undefined;
  #sync: SyncChannel | undefined;
  #lost: ManagerLostError | undefined;
  /** What has to be said as soon as there is a channel. */
  #notices: Notice[] = [];
  #ticket = 0;
  /** The objects that proxies of this thread refer to, and how many of them. */
  readonly #references = new Map<number, number>();
  /** Proxies and managers that use it. */
  #users = 0;
  /** What is left for a child that is being forked. */
  #forkTickets: ForkTicket[] = [];

  private constructor(
    description: ServerDescription,
    party: Pick<Party, 'client' | 'peerTimeout'> & { readonly key: AuthKey | undefined },
  ) {
    this.description = description;
    this.#key = party.key;
    this.#client = party.client;
    this.#peerTimeout = party.peerTimeout;
    links.set(description.id, this);
    endWithThread();
  }

  /** The link to a server that a proxy tells of. */
  static to(description: ServerDescription): Link {
    const known = links.get(description.id);
    if (known !== undefined) return known;
    const { id, address, trusted, sealedKey } = description;
    const key = sealedKey && openKey(sealedKey, sealedFor(id, { address, trusted }));
    return new Link(description, { key, client: randomUUID(), peerTimeout: undefined });
  }

  /** Connects to a server whose address and key are known. If there is a link to it already, that is used. */
  static async connect(server: Omit<Party, 'client'>, options: WaitOptions | undefined): Promise<Link> {
    const party = { ...server, client: randomUUID() };
    const { wire, server: id } = await openWire(party, options);
    const link = Link.#of(wire, id, party);
    if (link.#client === party.client) link.#adopt(wire);
    return link;
  }

  /** {@link connect}, blocking the thread. */
  static connectSync(server: Omit<Party, 'client'>): Link {
    const party = { ...server, client: randomUUID() };
    const { wire, server: id } = openWireSync(party);
    const link = Link.#of(wire, id, party);
    if (link.#client === party.client) link.#sync = new SyncChannel(wire);
    return link;
  }

  static #of(wire: Wire, id: string, party: Party): Link {
    const { key, server } = party;
    const { address, trusted } = server;
    const known = links.get(id);
    if (known !== undefined) {
      wire.close();
      known.#key ??= key;
      return known;
    }
    const sealedKey = sealKey(key, sealedFor(id, { address, trusted }));
    return new Link({ id, address, trusted, sealedKey }, party);
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param caller - is kept until then: the last proxy of a link must not be collected, and close it, during its call
   */
  call(
    request: (number: number) => Request,
    what: string,
    options?: WaitOptions,
    caller: object = this,
  ): Promise<unknown> {
    if (this.#channel !== undefined) return this.#channel.call(request, what, options, caller);
    return this.#open(options).then((channel) => channel.call(request, what, options, caller));
  }

  /** {@link call}, blocking the thread, on a connection of its own. */
  callSync(request: (number: number) => Request, what: string, timeout?: number): unknown {
    try {
      return this.#openSync(what).call(request, what, timeout);
    } catch (error) {
      throw isEnd(error) ? this.#lose(error) : error;
    }
  }

  create(typeid: string, args: readonly unknown[]): Promise<BaseProxy> {
    return this.call((number) => [number, CREATE, typeid, args], `create ${typeid}`).then(demandProxy);
  }

  createSync(typeid: string, args: readonly unknown[]): BaseProxy {
    return demandProxy(this.callSync((number) => [number, CREATE, typeid, args], `create ${typeid}`));
  }

  control(what: Control, options: WaitOptions | undefined): Promise<unknown> {
    return this.call((number) => [number, CONTROL, what], what, options);
  }

  controlSync(what: Control, timeout: number): unknown {
    return this.callSync((number) => [number, CONTROL, what], what, timeout);
  }

  /** A proxy or a manager uses it from now on. */
  use(): void {
    this.#users++;
  }

  /** It does not any more. With the last one the connections are closed. */
  unuse(): void {
    if (--this.#users > 0) return;
    this.#end(new ClosedError('Nobody in this process refers to objects of this manager any more.'));
  }

  /** A proxy has arrived. */
  redeem(object: number, issuer: string, ticket: number): void {
    this.#references.set(object, (this.#references.get(object) ?? 0) + 1);
    this.#notify([0, REDEEM, object, issuer, ticket]);
    // An object must not wait for its release until somebody uses it.
    if (this.#channel === undefined && this.#sync === undefined) this.#open(undefined).catch(() => {});
  }

  /** A proxy is gone. */
  release(object: number): void {
    const count = this.#references.get(object) ?? 0;
    if (count > 1) this.#references.set(object, count - 1);
    else this.#references.delete(object);
    this.#notify([0, RELEASE, object]);
  }

  /**
   * A proxy is about to travel. The server has to hear of it before anybody receives it, so without a channel one is
   * opened at once.
   */
  issueTicket(object: number): { readonly issuer: string; readonly ticket: number } {
    if (this.#lost !== undefined) throw this.#lost;
    const ticket = ++this.#ticket;
    this.#notices.push([0, TICKET, object, ticket]);
    if (this.#channel !== undefined) this.#flush(this.#channel);
    else if (!ourServers.has(this.description.id)) this.callSync((number) => [number, CONTROL, 'ping'], 'ping');
    return { issuer: this.#client, ticket };
  }

  /** The manager was shut down by its owner, or is known to be dead. */
  close(reason: string): void {
    this.#end(new ManagerLostError(reason));
  }

  #notify(notice: Notice): void {
    if (this.#lost !== undefined) return;
    this.#notices.push(notice);
    if (this.#channel !== undefined) this.#flush(this.#channel);
  }

  #flush(channel: Channel | SyncChannel): void {
    const notices = this.#notices;
    this.#notices = [];
    for (const notice of notices) channel.post(notice);
  }

  async #open(options: WaitOptions | undefined): Promise<Channel> {
    if (this.#lost !== undefined) throw this.#lost;
    this.#opening ??= this.#connect(options).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(options: WaitOptions | undefined): Promise<Channel> {
    const client = this.#client;
    let wire: Wire;
    try {
      wire = (await openWire(this.#party(), options)).wire;
    } catch (error) {
      throw this.#explain(error);
    }
    if (this.#lost !== undefined || client !== this.#client) {
      wire.close();
      throw this.#lost ?? new ClosedError('This process was forked meanwhile.');
    }
    return this.#adopt(wire);
  }

  #adopt(wire: Wire): Channel {
    const channel = new Channel(wire, (error) => this.#lose(error));
    this.#channel = channel;
    this.#flush(channel);
    return channel;
  }

  #openSync(what: string): SyncChannel {
    if (this.#lost !== undefined) throw this.#lost;
    if (ourServers.has(this.description.id)) {
      throw new DeadlockError(
        `sync.${what}: its server is in this thread, which the call would block. Use the promise form.`,
      );
    }
    if (this.#sync === undefined) {
      try {
        this.#sync = new SyncChannel(openWireSync(this.#party()).wire);
      } catch (error) {
        throw this.#explain(error);
      }
    }
    if (this.#notices.length > 0) this.#flush(this.#sync);
    return this.#sync;
  }

  #party(): Party {
    if (this.#key === undefined) {
      throw new AuthenticationError(
        `A proxy came from outside this family of processes, with an authkey that cannot be read here. Connect a manager to ${show(this.description)} first, with that authkey.`,
      );
    }
    return { server: this.description, key: this.#key, client: this.#client, peerTimeout: this.#peerTimeout };
  }

  /** What a failure to connect means: usually that the server is gone. */
  #explain(error: unknown): unknown {
    return error instanceof ConnectError || isEnd(error) ? this.#lose(error) : error;
  }

  #lose(cause: unknown): ManagerLostError {
    if (this.#lost === undefined) {
      this.#end(
        new ManagerLostError(
          `The server of the manager at ${show(this.description)} has ended, was killed, or cannot be reached any more; its objects are lost. Calls that were under way may have had effects.`,
          { cause },
        ),
      );
    }
    return this.#lost as unknown as ManagerLostError;
  }

  #end(error: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = error as ManagerLostError;
    if (links.get(this.description.id) === this) links.delete(this.description.id);
    this.#channel?.close(error);
    this.#sync?.close();
    this.#channel = undefined;
    this.#sync = undefined;
    this.#notices = [];
  }

  #beforeFork(): void {
    for (const object of this.#references.keys()) {
      const ticket = ++this.#ticket;
      this.#forkTickets.push([object, ticket]);
      this.#notices.push([0, TICKET, object, ticket]);
    }
    const channel = this.#channel ?? this.#sync;
    if (channel !== undefined) this.#flush(channel);
  }

  /** Nobody will use a ticket; if somebody has, that is not in the way. */
  takeBack(object: number, ticket: number): void {
    this.#notify([0, REDEEM, object, this.#client, ticket]);
    this.#notify([0, RELEASE, object]);
  }

  #forked(isForked: boolean): void {
    const tickets = this.#forkTickets;
    this.#forkTickets = [];
    if (tickets.length === 0) return;
    const takeBack = (): void => {
      for (const [object, ticket] of tickets) this.takeBack(object, ticket);
    };
    if (!isForked) takeBack();
    // A child uses them at once. If it was killed before, nobody ever will.
    else setTimeout(takeBack, FORK_GRACE_MS).unref();
  }

  /** In the child: another client, with references of its own. */
  #afterFork(): void {
    const parent = this.#client;
    this.#client = randomUUID();
    this.#channel?.forget();
    this.#sync?.close();
    this.#channel = undefined;
    this.#sync = undefined;
    this.#opening = undefined;
    this.#notices = [];
    this.#ticket = 0;
    for (const [object, ticket] of this.#forkTickets) {
      for (let i = this.#references.get(object) ?? 0; i > 0; i--)
        this.#notices.push([0, REDEEM, object, parent, ticket]);
    }
    if (this.#notices.length > 0) setImmediate(() => this.#open(undefined).catch(() => {}));
  }

  static {
    atFork({
      prepare() {
        for (const link of links.values()) link.#beforeFork();
      },
      parent(forked) {
        for (const link of links.values()) {
          link.#forked(forked);
        }
      },
      child() {
        for (const link of links.values()) {
          link.#afterFork();
          link.#forkTickets = [];
        }
      },
    });
  }
}

type ForkTicket = readonly [object: number, ticket: number];

const FORK_GRACE_MS = 60_000;

const links = new Map<string, Link>();

let ending = false;

/** Descriptors belong to the process: those of a worker thread would stay open when it has ended. */
function endWithThread(): void {
  if (ending || threadId() === process.pid) return;
  ending = true;
  process.once('exit', () => {
    for (const link of [...links.values()]) link.close('The thread has ended.');
  });
}

const sealedFor = (id: string, { address, trusted }: Party['server']): string => JSON.stringify([id, address, trusted]);

function demandProxy(made: unknown): BaseProxy {
  if (BaseProxy.is(made)) return made;
  throw new RemoteError('create: what answered is no manager of this library, for it made no proxy.');
}

const isEnd = (error: unknown): boolean =>
  error instanceof EOFError ||
  error instanceof BrokenPipeError ||
  (error as { code?: unknown } | null)?.code === 'ERR_MP_CONNECTION_LOST';

const show = ({ address }: ServerDescription): string =>
  typeof address === 'string' ? JSON.stringify(address) : address.join(':');
