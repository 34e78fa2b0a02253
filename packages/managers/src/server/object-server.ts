import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { noteOrigin } from '@mp/process/internal';
import { RemoteError } from '../errors.ts';
import { ManagedIterator } from '../managed/iterator.ts';
import type { ReducedProxy, ServerDescription } from '../protocol.ts';
import { AutoProxy } from '../proxies/auto-proxy.ts';
import { BaseProxy, type ProxyClass, referenceOf } from '../proxies/base-proxy.ts';
import { IteratorProxyClass } from '../proxies/iterator-proxy.ts';
import { TEXT_OF, VALUE_OF } from '../reference.ts';
import { isClass, make, type Registry, type TypeEntry } from '../registry.ts';
import { snapshotOf } from '../snapshot.ts';
import { type Call, duringCall } from './call.ts';
import { Client } from './client.ts';
import { publicMethods } from './exposed.ts';
import { ObjectTable } from './object-table.ts';
import { OwnedReference } from './owned-reference.ts';
import { ServedObject } from './served-object.ts';
import { Tickets } from './tickets.ts';

const ITERATOR = 'Iterator';

/**
 * The objects of a server, and what is done with them; how clients come to it is not known here.
 *
 *     registry ── create ─▶ ServedObject ◀── invoke: by number, exposed methods only
 *                                 │
 *                                 └─▶ proxy with an OwnedReference ── reduce: leaves a ticket ─▶ to a client
 */
export class ObjectServer {
  readonly id: string = randomUUID();
  readonly objects: ObjectTable = new ObjectTable();
  readonly tickets: Tickets = new Tickets(this.objects);
  /** This process itself, as one that calls its own objects. */
  readonly ourselves: Client;
  readonly #registry: Registry;
  readonly #name: string;
  readonly #clients = new Map<string, { readonly client: Client; connections: number }>();
  /** What was served once is served again as the same object. */
  readonly #known = new WeakMap<object, ServedObject>();
  /** How others come here; undefined: they cannot. */
  description: ServerDescription | undefined;
  #ticket = 0;
  /** Whom the proxies are for that are being pickled. */
  #recipient: Client | undefined;

  /** @param name - in the stacks of errors */
  constructor(registry: Registry, name: string) {
    this.#registry = registry;
    this.#name = name;
    this.ourselves = new Client(randomUUID(), process.pid, this.objects);
    this.tickets.admit(this.ourselves.id);
    ourServers.set(this.id, this);
  }

  /** A connection of a client has come. */
  admit(id: string, pid: number): Client {
    let entry = this.#clients.get(id);
    if (entry === undefined) {
      entry = { client: new Client(id, pid, this.objects), connections: 0 };
      this.#clients.set(id, entry);
      this.tickets.admit(id);
      this.tickets.admit(entry.client.answers);
    }
    entry.connections++;
    return entry.client;
  }

  /** A connection of a client has ended; with the last one ends the client. */
  dismiss(client: Client): void {
    const entry = this.#clients.get(client.id);
    if (entry === undefined || --entry.connections > 0) return;
    this.#clients.delete(client.id);
    client.end(new Error(`The client, process ${client.pid}, has ended.`));
    this.tickets.issuerEnded(client.id);
    this.tickets.cancel(client.answers);
  }

  /** Makes an object of a registered type. @returns a proxy of it, or a promise of one */
  create(typeid: string, args: readonly unknown[], call: Call): unknown {
    const entry = this.#registry.get(typeid);
    if (entry === undefined) throw new RemoteError(`create: there is no type '${typeid}'. ${this.#knownTypes()}`);
    const { create } = entry;
    if (create === undefined) throw new RemoteError(`create: '${typeid}' is for results of methods only.`);
    return this.#settle(
      `${typeid}()`,
      () => duringCall(call, () => make(create, args)),
      (made) => {
        if (!isObject(made)) throw new RemoteError(`create: ${typeid}() is ${inspect(made)}, which is no object.`);
        return this.#proxyOf(typeid, entry, made);
      },
    );
  }

  /** Calls a method of an object. @returns its result, or a promise of it if the method returned one */
  invoke(object: ServedObject, method: string, args: readonly unknown[], call: Call): unknown {
    const { referent, typeid } = object;
    if (method === VALUE_OF) return snapshotOf(referent);
    if (method === TEXT_OF) return inspect(snapshotOf(referent));
    if (!object.exposed.has(method)) {
      throw new RemoteError(
        `${method}: objects of type '${typeid}' have no such method for clients. They have: ${[...object.exposed].join(', ')}.`,
      );
    }
    const fn = (referent as Record<string, unknown>)[method];
    if (typeof fn !== 'function') throw new RemoteError(`${method} of '${typeid}' is exposed, and is no function.`);
    return this.run(object, method, () => Reflect.apply(fn, referent, args), call);
  }

  /** Does something with an object as one of its methods would. */
  run(object: ServedObject, method: string, run: () => unknown, call: Call): unknown {
    return this.#settle(
      `${object.typeid}.${method}()`,
      () => duringCall(call, run),
      (result) => this.#present(object, method, result),
    );
  }

  /**
   * Runs what pickles an answer. The proxies in it keep their objects alive until the client has them, or has ended: then
   * nobody ever will.
   */
  answering<T>(client: Client | undefined, pickle: () => T): T {
    this.#recipient = client;
    try {
      return pickle();
    } finally {
      this.#recipient = undefined;
    }
  }

  /** How a proxy of an object leaves this process. */
  reduce(object: ServedObject): ReducedProxy {
    if (this.description === undefined) {
      throw new Error('the object is served by this process alone: its server was stopped, or belongs to the parent');
    }
    const ticket = ++this.#ticket;
    const issuer = this.#recipient?.answers ?? this.ourselves.id;
    this.tickets.issue(issuer, ticket, object);
    return {
      server: this.description,
      object: object.id,
      typeid: object.typeid,
      exposed: [...object.exposed],
      issuer,
      ticket,
    };
  }

  /** A proxy has come back to where its object is. */
  welcomeBack({ object, issuer, ticket }: ReducedProxy): OwnedReference {
    const served = this.objects.get(object);
    this.tickets.redeem(issuer, ticket);
    if (served === undefined) throw new RemoteError(`There is no object ${object} any more: nobody referred to it.`);
    return new OwnedReference(this, served);
  }

  /** What is served, a line for each object: its number, how many refer to it, how it looks. */
  debugInfo(): string {
    const lines = [...this.objects.entries()]
      .sort(([a], [b]) => a.id - b.id)
      .map(([object, count]) => `  ${object.id}: ${object.typeid} refcount=${count}\n    ${lookOf(object.referent)}`);
    return lines.join('\n');
  }

  close(): void {
    ourServers.delete(this.id);
    this.description = undefined;
    this.tickets.close();
    this.ourselves.end(new Error('The server was stopped.'));
  }

  /** Runs code of the user; its errors say where they come from. */
  #settle(what: string, run: () => unknown, present: (result: unknown) => unknown): unknown {
    const failed = (error: unknown): never => {
      noteOrigin(error, `${this.#name} (pid ${process.pid}): ${what}`);
      throw error;
    };
    let result: unknown;
    try {
      result = run();
    } catch (error) {
      return failed(error);
    }
    if (!isThenable(result)) return present(result);
    return Promise.resolve(result).then(present, failed);
  }

  #present(object: ServedObject, method: string, result: unknown): unknown {
    if (BaseProxy.is(result)) return result;
    const typeid = Object.hasOwn(object.methodToTypeid, method) ? object.methodToTypeid[method] : undefined;
    if (typeid === undefined) {
      if (!isIterator(result)) return result;
      return this.#proxyOf(ITERATOR, undefined, result);
    }
    const entry = this.#registry.get(typeid);
    if (entry === undefined) {
      throw new RemoteError(
        `${method} returns objects of type '${typeid}', which does not exist. ${this.#knownTypes()}`,
      );
    }
    if (!isObject(result)) throw new RemoteError(`${method} has returned ${inspect(result)}, which is no object.`);
    const { create } = entry;
    const isOther = create !== undefined && isClass(create) && !(result instanceof create);
    return this.#proxyOf(typeid, entry, isOther ? (make(create, [result]) as object) : result);
  }

  #proxyOf(typeid: string, entry: TypeEntry | undefined, made: object): BaseProxy {
    if (BaseProxy.is(made)) return made;
    const iterates = entry?.proxyType === undefined && isIterator(made);
    const proxyType: ProxyClass = iterates ? IteratorProxyClass : (entry?.proxyType ?? AutoProxy);
    const known = this.#known.get(made);
    if (known !== undefined && known.typeid === typeid) return new known.proxyType(new OwnedReference(this, known));
    const referent = iterates ? new ManagedIterator(made as Iterator<unknown>) : made;
    const object = new ServedObject(this.objects.next(), typeid, referent, {
      exposed: (iterates ? undefined : entry?.exposed) ?? proxyType.exposed ?? publicMethods(referent),
      methodToTypeid: { ...proxyType.methodToTypeid, ...entry?.methodToTypeid },
      proxyType,
    });
    this.#known.set(made, object);
    this.objects.add(object);
    return new proxyType(new OwnedReference(this, object));
  }

  #knownTypes(): string {
    const names = [...this.#registry].filter(([, { create }]) => create !== undefined).map(([name]) => name);
    return names.length === 0 ? 'Nothing is registered.' : `Registered are: ${names.join(', ')}.`;
  }
}

/** The servers of this process, for proxies that come home. */
export const ourServers: Map<string, ObjectServer> = new Map();

/** The object that a proxy stands for if it is of this process; anything else as it is. For arguments of managed objects. */
export function referentOf<T>(value: T): T | object {
  const reference = referenceOf(value);
  return reference instanceof OwnedReference ? reference.object.referent : value;
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  isObject(value) && typeof (value as { then?: unknown }).then === 'function';

const isIterator = (value: unknown): value is object =>
  isObject(value) &&
  typeof (value as { next?: unknown }).next === 'function' &&
  (Symbol.iterator in value || Symbol.asyncIterator in value);

const MOST_LETTERS = 75;

function lookOf(referent: object): string {
  const text = inspect(snapshotOf(referent), { breakLength: Number.POSITIVE_INFINITY });
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}
