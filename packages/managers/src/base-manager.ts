import { type Address, AuthKey } from '@mp/connection';
import type { WaitOptions } from '@mp/native';
import { familyKey } from '@mp/process/internal';
import { registerLocal } from '@mp/reduction';
import { BUILT_INS } from './built-ins.ts';
import { Link } from './client/link.ts';
import type { ManagerLink } from './client/manager-link.ts';
import type { Party } from './client/wire.ts';
import { ManagerStateError } from './errors.ts';
import { assertState, type ManagerState } from './manager-state.ts';
import type { Created, Creating, ManagerClass, TypedRegistration } from './manager-types.ts';
import {
  checkOptions,
  type ManagerOptions,
  type RegisterOptions,
  type Serializer,
  type StartOptions,
} from './options.ts';
import type { Control } from './protocol.ts';
import type { BaseProxy } from './proxies/base-proxy.ts';
import { PythonLink } from './python/link.ts';
import { checkReturnedTypes, entryOf } from './registered-type.ts';
import { addType, derive, OURS, typesOf, type WithTypes } from './registration.ts';
import type { AnyConstructor, AnyFunction, Registry, TypeEntry } from './registry.ts';
import type { ServePlan } from './server/main.ts';
import { Server } from './server/server.ts';
import { ServerProcess } from './server-process.ts';
import { shutDown, shutDownSync } from './shutdown.ts';

/**
 * Makes objects in a server process and gives proxies of them: to this process, to others, on this machine or another.
 *
 *     this process                         server process                     any other process
 *     manager.Maths() ── create ──────────▶ new Maths()
 *     maths.add(4, 3) ── call ────────────▶ add(4, 3) ◀──────── call ──────── maths.add(1, 2), a proxy that was sent
 *
 * What a manager can make is registered with its class, see {@link BaseManager.register}. Its server is a process of its
 * own that {@link start} starts, or one that {@link connect} finds, or this process with {@link getServer}.
 *
 * A server that was started ends with `shutdown`, and with the process that started it, however that ends. It does not
 * keep that process alive.
 *
 * Python: `multiprocessing.managers.BaseManager`.
 *
 * @example
 * ```ts
 * export class Maths { add(a: number, b: number): number { return a + b; } }
 * class MyManager extends BaseManager.register('Maths', { create: Maths }) {}
 * const manager = new MyManager();
 * await manager.start();
 * const maths = await manager.Maths();
 * console.log(await maths.add(4, 3)); // => 7
 * await manager.shutdown();
 * ```
 */
export class BaseManager implements AsyncDisposable {
  /** What was registered with this class itself. @internal */
  static types: Registry = new Map();

  readonly #options: ManagerOptions;
  readonly #key: AuthKey;
  readonly #trusted: boolean;
  #address: Address | undefined;
  #state: ManagerState = 'initial';
  #server: ServerProcess | undefined;
  readonly #creator = process.pid;
  #link: ManagerLink | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ManagerOptions = {}) {
    this.#options = options;
    this.#address = options.address;
    this.#key = options.authkey === undefined ? new AuthKey(familyKey()) : AuthKey.from(options.authkey);
    this.#trusted = options.trusted ?? typeof (options.address ?? '') === 'string';
    checkOptions(options);
  }

  /**
   * Registers a type with this class of managers, and with those that will be derived from it.
   *
   * @param typeid - what the type is called; by default the manager gets a method of this name, which makes such an
   *   object and gives a proxy of it
   * @param options - `create`: a class, or a function that returns an object
   * @throws TypeError for what can never work: a `create` that cannot be called, a `proxyType` that is no class of proxies,
   * names that proxies or managers cannot have, an option that does not exist. Whether the server finds what it is to make
   * shows at {@link start}, because one that is forked, or runs here, needs no export
   * @returns this class; of a class of the library itself one that is derived from it, so that nobody else's managers
   *   change. What is returned knows the types of the method.
   *
   * Python: `BaseManager.register`, which returns nothing.
   *
   * @example
   * ```ts
   * class MyManager extends BaseManager.register('Maths', { create: Maths }).register('Clock', { create: makeClock }) {}
   * // or, as in Python, without the types:
   * MyManager.register('Garden', { create: Garden });
   * ```
   */
  static register<
    M extends BaseManager,
    N extends string,
    C extends AnyConstructor | AnyFunction,
    P = unknown,
    E extends string = string,
    S extends string = never,
  >(
    this: ManagerClass<M>,
    typeid: N,
    options: TypedRegistration<C, P, E, S> & { readonly createMethod?: true | undefined },
  ): ManagerClass<M & { readonly [K in N]: Creating<C, P, E, S> }>;
  static register<M extends BaseManager, N extends string, P = unknown>(
    this: ManagerClass<M>,
    typeid: N,
    options?: Omit<RegisterOptions, 'create' | 'proxyType'> & {
      readonly proxyType?: (new (...args: never[]) => P) | undefined;
    },
  ): ManagerClass<M & { readonly [K in N]: (...args: unknown[]) => Promise<unknown extends P ? BaseProxy : P> }>;
  static register<M extends BaseManager>(
    this: ManagerClass<M>,
    typeid: string,
    options: RegisterOptions & { readonly createMethod: false },
  ): ManagerClass<M>;
  static register(this: ManagerClass<BaseManager>, typeid: string, options: RegisterOptions = {}): unknown {
    // biome-ignore lint/complexity/noThisInStatic: the class that is derived from.
    const given = this as unknown as typeof BaseManager;
    const entry = entryOf(typeid, options, BaseManager.prototype);
    const Class = Object.hasOwn(given, OURS) ? derive(given) : given;
    addType(Class, typeid, entry);
    if (options.createMethod === false) return Class;
    const value = function (this: BaseManager, ...args: unknown[]): Promise<BaseProxy> {
      return this.create(typeid, ...args);
    };
    Object.defineProperty(Class.prototype, typeid, { value, configurable: true, writable: true });
    return Class;
  }

  /** Where the server is; undefined before that is known. */
  get address(): Address | undefined {
    return this.#address;
  }

  /** The process of the server, if this manager has started one. */
  get process(): ServerProcess['process'] | undefined {
    return this.#server?.process;
  }

  /**
   * Starts the server in a process of its own. Resolves when it can be used.
   *
   * @throws ManagerStateError if it was started or connected before; PicklingError if the server would not find a type;
   * TypeError if a method is to return objects of a type that is not registered; what the initializer throws;
   * ManagerLostError if the process ends before it serves. No process is left then.
   */
  async start(options: StartOptions = {}): Promise<void> {
    const server = this.#prepare(options);
    try {
      this.#address = await server.start(options);
      this.#started(await this.#linkTo(options), server);
    } catch (error) {
      this.#state = 'initial';
      if (server.process.pid !== undefined) await server.end(0);
      throw error;
    }
  }

  /** {@link start}, blocking the thread. Not by `fork`, which takes a turn of the event loop. */
  startSync(options: Omit<StartOptions, 'signal' | 'timeout'> = {}): void {
    const server = this.#prepare(options);
    try {
      this.#address = server.startSync();
      this.#started(this.#linkToSync(), server);
    } catch (error) {
      this.#state = 'initial';
      if (server.process.pid !== undefined) server.endSync(0);
      throw error;
    }
  }

  /**
   * Connects to a server that is there already, at the address of this manager.
   *
   * @throws ConnectError, AuthenticationError, TimeoutError, AbortError: it can be tried again
   */
  async connect(options?: WaitOptions): Promise<void> {
    this.#assertConnectable();
    this.#connected(await this.#linkTo(options));
  }

  /** {@link connect}, blocking the thread. */
  connectSync(): void {
    this.#assertConnectable();
    this.#connected(this.#linkToSync());
  }

  /**
   * The server in this process: for a program that is the server. It listens, and lets clients in as soon as it is told
   * to serve.
   *
   * @throws InsecureListenerError for an address that other machines can reach, with an empty authkey; `EADDRINUSE`, …
   */
  getServer(): Server {
    this.#assertState('getServer', 'initial');
    const server = new Server(this.#served, {
      address: this.#address,
      authkey: this.#key,
      name: this.constructor.name,
      ...this.#terms,
    });
    this.#address = server.address;
    this.#state = 'serving';
    return server;
  }

  /**
   * Makes an object of a registered type in the server. @returns a proxy of it
   *
   * @typeParam T - of the object, for managers that were only connected: what the server has registered is not known here
   * @throws what making it throws; RemoteError if there is no such type; ManagerLostError
   *
   * @example
   * ```ts
   * const queue = await manager.create<Queue<string>>('get_queue');
   * await queue.put('hello');
   * ```
   */
  create<T = unknown>(typeid: string, ...args: unknown[]): Promise<Created<T>> {
    try {
      return this.#ready(typeid).create(typeid, args) as Promise<Created<T>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** {@link create}, blocking the thread. */
  createSync<T = unknown>(typeid: string, ...args: unknown[]): Created<T> {
    return this.#ready(typeid).createSync(typeid, args) as Created<T>;
  }

  /** How many objects clients refer to. */
  numberOfObjects(options?: WaitOptions): Promise<number> {
    return this.#control('numberOfObjects', options) as Promise<number>;
  }

  /** What is served, for people to read. */
  debugInfo(options?: WaitOptions): Promise<string> {
    return this.#control('debugInfo', options) as Promise<string>;
  }

  /**
   * Waits until the server process has ended.
   *
   * @returns true if it has, false if the time was over first
   * @throws ManagerStateError if this manager has not started one
   */
  join(options?: WaitOptions): Promise<boolean> {
    if (this.#server !== undefined && this.#creator === process.pid) return this.#server.process.join(options);
    const message = 'join: this manager has started no server here that could be waited for.';
    return Promise.reject(new ManagerStateError(message));
  }

  /**
   * Ends the server, if this manager has started it, and waits for its end: by asking; by SIGTERM after `shutdownTimeout`;
   * by SIGKILL a second later. If it was only connected, it only disconnects. Again: does nothing.
   */
  shutdown(): Promise<void> {
    try {
      if (this.#beginShutdown('shutdown')) this.#ended = this.#end();
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#ended;
  }

  /** {@link shutdown}, blocking the thread. */
  shutdownSync(): void {
    if (!this.#beginShutdown('shutdownSync')) return;
    const link = this.#link as ManagerLink;
    if (this.#server === undefined) link.unuse();
    else shutDownSync(link, this.#server, this.#options.shutdownTimeout);
  }

  /** {@link shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #end(): Promise<void> {
    const link = this.#link as ManagerLink;
    if (this.#server === undefined) link.unuse();
    else await shutDown(link, this.#server, this.#options.shutdownTimeout);
  }

  /** What a server of this manager can make. */
  get #served(): Registry {
    const registry = typesOf(this.constructor as unknown as WithTypes);
    checkReturnedTypes(registry);
    return registry;
  }

  get #terms(): { trusted: boolean; serializer: Serializer; peerTimeout: number | undefined } {
    const { serializer = 'node', peerTimeout } = this.#options;
    return { trusted: this.#trusted, serializer, peerTimeout };
  }

  get #party(): Omit<Party, 'client'> {
    const server = { address: this.#address as Address, trusted: this.#trusted };
    return { server, key: this.#key, peerTimeout: this.#options.peerTimeout };
  }

  #linkTo(options: WaitOptions | undefined): Promise<ManagerLink> {
    return (this.#options.serializer === 'python' ? PythonLink : Link).connect(this.#party, options);
  }

  #linkToSync(): ManagerLink {
    return (this.#options.serializer === 'python' ? PythonLink : Link).connectSync(this.#party);
  }

  #prepare({ initializer, initargs = [] }: StartOptions): ServerProcess {
    this.#assertState('start', 'initial');
    if (initializer !== undefined && typeof initializer !== 'function') {
      throw new TypeError('start: initializer must be a function.');
    }
    const registry = [...this.#served];
    const plan: ServePlan = {
      builtIns: registry.filter(isBuiltIn).map(([typeid]) => typeid),
      types: registry.filter((entry) => !isBuiltIn(entry)),
      address: this.#options.address,
      authkey: this.#options.authkey === undefined ? undefined : this.#key.reveal(),
      initializer,
      initargs,
      ...this.#terms,
    };
    const server = new ServerProcess(this.constructor.name, plan, this.#options.context);
    this.#state = 'starting';
    return server;
  }

  #started(link: ManagerLink, server: ServerProcess): void {
    this.#server = server;
    this.#link = link;
    link.use();
    this.#state = 'started';
  }

  #connected(link: ManagerLink): void {
    this.#link = link;
    link.use();
    this.#state = 'connected';
  }

  #assertConnectable(): void {
    this.#assertState('connect', 'initial', 'serving');
    if (this.#address === undefined) {
      throw new ManagerStateError('connect: this manager has no address. Give it that of the server.');
    }
  }

  #beginShutdown(method: string): boolean {
    if (this.#state === 'shut down') return false;
    this.#assertState(method, 'started', 'connected');
    if (this.#server !== undefined && this.#creator !== process.pid) {
      throw new ManagerStateError(`${method}: only the process that has started the manager can shut it down.`);
    }
    this.#state = 'shut down';
    return true;
  }

  #ready(what: string): ManagerLink {
    this.#assertState(what, 'started', 'connected');
    return this.#link as ManagerLink;
  }

  async #control(what: Control, options: WaitOptions | undefined): Promise<unknown> {
    return this.#ready(what).control(what, options);
  }

  #assertState(method: string, ...allowed: ManagerState[]): void {
    assertState(this.#state, method, allowed);
  }
}

Object.defineProperty(BaseManager, OURS, { value: true });
registerLocal(
  BaseManager,
  'belongs to the process that made it. Pass a proxy of one of its objects; or its address and authkey, with which a manager of that process can connect()',
);

const isBuiltIn = ([typeid, entry]: readonly [string, TypeEntry]): boolean => BUILT_INS.get(typeid) === entry;
