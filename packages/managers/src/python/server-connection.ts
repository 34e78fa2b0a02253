import { randomUUID } from 'node:crypto';
import { types } from 'node:util';
import type { Connection } from '@mp/connection';
import { UnpicklingError } from '@mp/reduction';
import type { Control } from '../protocol.ts';
import { referenceOf } from '../proxies/base-proxy.ts';
import { Call } from '../server/call.ts';
import type { Client } from '../server/client.ts';
import type { ObjectServer } from '../server/object-server.ts';
import { OwnedReference } from '../server/owned-reference.ts';
import type { ServedObject } from '../server/served-object.ts';
import { tuple } from './codec.ts';
import { positional, pythonMethods } from './methods.ts';
import { Token } from './token.ts';

type Wire = Connection<unknown, readonly unknown[]>;

interface PythonRequest {
  readonly ident: unknown;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly keywords: Readonly<Record<string, unknown>> | undefined;
}

/**
 * One connection of a Python client: a single request to the server, or, after `accept_connection`, calls of methods, one
 * after the other. The protocol is that of CPython's `multiprocessing.managers`.
 *
 *     (None, 'create', ('dict',), {}) ─▶    ◀─ ('#RETURN', ('7', ('get', …)))
 *     (None, 'incref', ('7',), {}) ─▶       ◀─ ('#RETURN', None)
 *     (None, 'accept_connection', (name,), {}) ─▶  ◀─ ('#RETURN', None)
 *     ('7', 'get', ('a',), {}) ─▶           ◀─ ('#RETURN', 1)
 */
export class PythonServerConnection {
  readonly #connection: Wire;
  readonly #server: ObjectServer;
  readonly #control: (what: Control) => unknown;
  /** Who calls by this connection: a thread of a Python process. */
  readonly #client: Client;

  constructor(connection: Connection<unknown, never>, server: ObjectServer, control: (what: Control) => unknown) {
    this.#connection = connection as unknown as Wire;
    this.#server = server;
    this.#control = control;
    this.#client = server.admit(randomUUID(), 0);
  }

  async serve(): Promise<void> {
    try {
      const request = requestOf(await this.#connection.recv());
      if (request.method !== 'accept_connection') {
        await this.#answer(() => this.#perform(request));
        return;
      }
      await this.#connection.send(tuple('#RETURN', null));
      for (;;) await this.#next();
    } catch {
      // It has ended, or says what nobody understands.
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#connection.close();
    this.#server.dismiss(this.#client);
  }

  async #next(): Promise<void> {
    let request: PythonRequest;
    try {
      request = requestOf(await this.#connection.recv());
    } catch (error) {
      if (!(error instanceof UnpicklingError)) throw error;
      await this.#connection.send(tuple('#TRACEBACK', error.message));
      return;
    }
    const call = new Call(this.#client);
    this.#client.begin(call);
    await this.#answer(() => this.#call(request, call));
    this.#client.finish(call);
  }

  async #answer(perform: () => unknown): Promise<void> {
    let message: readonly unknown[];
    try {
      const result = await perform();
      message = result instanceof Shared ? tuple('#PROXY', result.description) : tuple('#RETURN', result);
    } catch (error) {
      message = failure(error);
    }
    await this.#connection.send(message).catch((error: Error) => {
      if ((error as { code?: string }).code !== 'ERR_MP_PICKLING') throw error;
      return this.#connection.send(tuple('#UNSERIALIZABLE', error.message));
    });
  }

  /** What is asked of the server as a whole. */
  #perform({ method, args, keywords }: PythonRequest): unknown {
    const [first] = args;
    switch (method) {
      case 'create':
        return this.#create(String(first), withKeywords(args.slice(1), keywords));
      case 'incref':
        return void this.#server.objects.hold(this.#object(first));
      case 'decref':
        return void this.#server.objects.letGo(this.#object(first));
      case 'get_methods':
        return tuple(...exposedOf(this.#object((first as Token).id)));
      case 'number_of_objects':
        return this.#control('numberOfObjects');
      case 'debug_info':
        return this.#control('debugInfo');
      case 'shutdown':
        return this.#control('shutdown');
      case 'dummy':
        return null;
      default:
        throw new Error(`A server cannot ${method}.`);
    }
  }

  async #create(typeid: string, args: readonly unknown[]): Promise<readonly unknown[]> {
    const object = servedBy(await this.#server.create(typeid, args, new Call(this.#client)));
    if (object === undefined) throw new Error(`'${typeid}' is no type for Python clients.`);
    // The proxy that is made of this takes it over.
    this.#server.objects.hold(object);
    return tuple(String(object.id), tuple(...exposedOf(object)));
  }

  async #call({ ident, method, args, keywords }: PythonRequest, call: Call): Promise<unknown> {
    const object = this.#object(ident);
    const fallback = method === '#GETVALUE' ? '#value' : method === '__str__' || method === '__repr__' ? '#text' : '';
    if (fallback !== '') return this.#server.invoke(object, fallback, [], call);
    const known = pythonMethods(object.referent);
    if (known === undefined) {
      return this.#share(await this.#server.invoke(object, method, withKeywords(args, keywords), call));
    }
    const python = Object.hasOwn(known, method) ? known[method] : undefined;
    if (python === undefined) throw new Error(`'${object.typeid}' has no method ${method} for Python clients.`);
    const all = positional(method, args, keywords ?? {});
    const result = this.#server.run(object, method, () => python(object.referent, ...all), call);
    return this.#share(await result);
  }

  /** A proxy of ours becomes one of Python. */
  #share(result: unknown): unknown {
    const object = servedBy(result);
    if (object === undefined) return result;
    this.#server.objects.hold(object);
    const { address } = this.#server.description ?? { address: '' };
    return new Shared(tuple(tuple(...exposedOf(object)), new Token(object.typeid, address, String(object.id))));
  }

  #object(ident: unknown): ServedObject {
    const object = this.#server.objects.get(Number(ident));
    if (object === undefined) throw new Error(`There is no object ${String(ident)} any more.`);
    return object;
  }
}

/** A result that is a proxy. */
class Shared {
  readonly description: readonly unknown[];

  constructor(description: readonly unknown[]) {
    this.description = description;
  }
}

function servedBy(value: unknown): ServedObject | undefined {
  const reference = referenceOf(value);
  return reference instanceof OwnedReference ? reference.object : undefined;
}

function exposedOf(object: ServedObject): readonly string[] {
  const known = pythonMethods(object.referent);
  return known === undefined ? [...object.exposed] : Object.keys(known);
}

function withKeywords(args: readonly unknown[], keywords: PythonRequest['keywords']): readonly unknown[] {
  return keywords === undefined ? args : [...args, keywords];
}

/** What went wrong: as an exception of Python if it is an error of a method, else as words. */
function failure(error: unknown): readonly unknown[] {
  if ((error as { code?: unknown } | null)?.code === 'ERR_MP_REMOTE')
    return tuple('#TRACEBACK', (error as Error).message);
  return types.isNativeError(error) ? tuple('#ERROR', error) : tuple('#ERROR', new Error(String(error)));
}

function requestOf(message: unknown): PythonRequest {
  const [ident, method, args, keywords] = Array.isArray(message) ? (message as unknown[]) : [];
  if (typeof method !== 'string' || !Array.isArray(args) || !(keywords instanceof Map)) {
    throw new TypeError('This is no request of a Python client.');
  }
  return { ident, method, args, keywords: keywords.size === 0 ? undefined : Object.fromEntries(keywords) };
}
