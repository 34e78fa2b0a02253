import { inspect } from 'node:util';
import type { Readiness, Waitable } from '@mp/connection';
import { DescriptorReadiness, waitable } from '@mp/connection/internal';
import { type Context, defaultContext, getContext, type StartMethod } from '@mp/context';
import { ClosedError } from '@mp/errors';
import type { WaitOptions } from '@mp/native';
import { registerLocal } from '@mp/reduction';
import {
  checkContext,
  checkName,
  checkOptions,
  checkTarget,
  namedArgumentsOf,
  positionalArgumentsOf,
} from './checks.ts';
import { classToSend } from './class-to-send.ts';
import { asStartError, assertNotAborted, ProcessStateError } from './errors.ts';
import { endInOrder, GRACE_MS } from './exit.ts';
import type { Child, Order } from './launch/launcher.ts';
import { launcherOf } from './launch/launchers.ts';
import type { AnyArguments, ProcessOptions } from './options.ts';
import { type OurIdentity, STANDS_FOR_US } from './our-identity.ts';
import { markOurs } from './ours.ts';
import { assertMayHaveChildren, prepare } from './prepare.ts';
import type { Assignment } from './protocol.ts';
import { self } from './self.ts';
import { describeExitCode } from './signal-names.ts';
import { StartedChild } from './started-child.ts';

/**
 * A function that runs in a process of its own.
 *
 * The function and its arguments are pickled by {@link start}: the function as a reference to the module that exports
 * it. When it has returned (or the promise that it returned is settled), and nothing else is under way in the child,
 * the child ends with exit code 0. An error that nobody caught is printed with the name of the process, ends it with
 * exit code 1, and is to be had here as {@link error}.
 *
 * A child never outlives its parent. When this process ends in the usual way, daemonic children are ended with it and
 * the others are waited for; when it is killed, all of them end.
 *
 * After `process.exit()`, or an error that nobody caught, that wait blocks the thread, and the connections of this
 * process stay open: a child may still use them. One that waits for their end waits for ever; close them before.
 *
 * Only the process that made a Process object can use it. It is the one that learns how the child ended.
 *
 * A class derived from this one may override {@link run} and have fields of its own: they are pickled with it, and
 * `run` is called on the object's copy in the child, for which its constructor is not called again. Fields cannot be
 * private (`#x`), except by `fork`: nobody else can read them.
 *
 * Python: `multiprocessing.Process`. Here starting and waiting return promises and have a `Sync` twin each, an error
 * of the child is an object in the parent, and no child survives a parent that is killed.
 *
 * @example
 * ```ts
 * // greet.ts: export const greet = (name: string) => console.log(`hello ${name}`);
 * const process = new Process({ target: greet, args: ['bob'] });
 * await process.start();
 * await process.join();
 * console.log(process.exitCode); // => 0
 * ```
 */
export class Process<Params extends AnyArguments = AnyArguments> implements Waitable, AsyncDisposable {
  /** The start method of a class like SpawnProcess. @internal */
  static readonly startMethod: StartMethod | undefined = undefined;

  readonly #creator: number = process.pid;
  readonly #identity: readonly number[];
  readonly #context: Context;
  #isUs: boolean;
  #name: string;
  #daemon: boolean;
  #target: ((...args: Params) => unknown) | undefined;
  #args: AnyArguments;
  #kwargs: object | undefined;
  #child: StartedChild | undefined;
  #starting = false;
  #closed = false;

  constructor(options: ProcessOptions<Params> = {} as ProcessOptions<Params>) {
    const { target, args, kwargs, name, daemon, context } = checkOptions(options);
    const us = (options as { readonly [STANDS_FOR_US]?: OurIdentity })[STANDS_FOR_US];
    const method = new.target.startMethod;
    checkTarget(target);
    checkContext(context);
    this.#args = positionalArgumentsOf(args);
    this.#kwargs = namedArgumentsOf(kwargs);
    this.#isUs = us !== undefined;
    this.#identity = us?.identity ?? [...self.identity, ++self.counted];
    this.#context = context ?? (method === undefined ? defaultContext : getContext(method));
    this.#target = target as ((...args: Params) => unknown) | undefined;
    this.#name = checkName(us?.name ?? name ?? `${new.target.name}-${this.#identity.join(':')}`);
    this.#daemon = Boolean(us?.daemon ?? daemon ?? self.current?.daemon ?? false);
  }

  /** How the process is called in messages. Names need not be unique. */
  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = checkName(name);
  }

  /**
   * Whether the process is ended together with its parent instead of being waited for. Daemonic processes cannot have
   * children. Can be set before the start.
   *
   * @throws ProcessStateError when set after the start
   */
  get daemon(): boolean {
    return this.#daemon;
  }

  set daemon(daemon: boolean) {
    this.#assertOpen();
    if (this.#child !== undefined || this.#isUs) {
      throw new ProcessStateError(`${this.#name} has already started: set daemon before start().`);
    }
    this.#daemon = Boolean(daemon);
  }

  /** The number of the process in the system; undefined before the start. */
  get pid(): number | undefined {
    this.#assertOpen();
    return this.#isUs ? process.pid : this.#child?.child.pid;
  }

  /**
   * How the process ended: what it passed to `process.exit`, modulo 256; 1 after an error that nobody caught; minus the
   * number of the signal that killed it. Null before the start and while it runs. 255 also if nobody can know, because
   * an addon has waited for the child in our place (`waitpid(-1)`), or the fork server has died.
   */
  get exitCode(): number | null {
    this.#assertOpen();
    return this.#child?.poll()?.exitCode ?? null;
  }

  /**
   * The error that nobody caught and that ended the process, with the stack of where it happened; undefined if there
   * was none. Python only prints it.
   */
  get error(): unknown {
    this.#child?.poll();
    return this.#child?.error;
  }

  /**
   * A descriptor that becomes readable when the process ends, and stays so. For `wait`, together with connections.
   *
   * @throws ProcessStateError before the start
   */
  get sentinel(): number {
    return this.#started('sentinel').child.sentinel;
  }

  /** The start method by which the process is, or was, started. */
  get startMethod(): StartMethod {
    return this.#context.getStartMethod();
  }

  /**
   * What the process does: calls the target. Override it in a class of your own. Called here, it runs here.
   */
  run(): unknown {
    const target = this.#target;
    const args = this.#kwargs === undefined ? this.#args : [...this.#args, this.#kwargs];
    return target?.(...(args as Params));
  }

  /**
   * Starts the process. Resolves when it exists; it may not have come to the target yet.
   *
   * `fork` waits until the other threads of this process rest, for 10 seconds if no `timeout` says otherwise, in which
   * the time is not counted that they wait for a processor on a busy machine; `forkserver` until the server runs. If the
   * time is over first, or the signal aborts, there is no child, and `start` can be called again.
   *
   * @throws TimeoutError, AbortError; PicklingError if the target or an argument cannot travel; BootstrappingError while
   * a child is still importing its modules; ProcessStateError if it was started before, or if this process is daemonic;
   * StartError if the system refuses. No child is left then, and `start` can be called again.
   */
  async start(options: WaitOptions = {}): Promise<void> {
    const { start } = launcherOf(this.startMethod);
    assertNotAborted(options.signal, this.#name);
    if (start === undefined) return this.startSync();
    this.#assertStartable();
    this.#starting = true;
    try {
      this.#adopt(await start(this.#order(), options));
    } catch (error) {
      throw asStartError(error);
    } finally {
      this.#starting = false;
    }
  }

  /** {@link start}, blocking the thread. Not by `fork`, which takes a turn of the event loop. */
  startSync(): void {
    this.#assertStartable();
    try {
      this.#adopt(launcherOf(this.startMethod).startSync(this.#order()));
    } catch (error) {
      throw asStartError(error);
    }
  }

  #assertStartable(): void {
    this.#assertOpen();
    if (this.#child !== undefined || this.#isUs || this.#starting)
      throw new ProcessStateError(
        `${this.#name} was started already: a process cannot be started twice. Make another one.`,
      );
    if (this.#creator !== process.pid)
      throw new ProcessStateError(`${this.#name} can only be started by the process that made it.`);
    assertMayHaveChildren();
  }

  #adopt(child: Child): void {
    this.#child = new StartedChild(this as unknown as Process, child);
    // What is pickled is not needed any more, and may be large.
    this.#target = undefined;
    this.#args = [];
    this.#kwargs = undefined;
    endInOrder();
  }

  /**
   * Waits until the process has ended. May be called by several at once, and again.
   *
   * @returns true if it has ended, false if the time was over first (Python returns None in both cases)
   * @throws AbortError if the signal ends the wait; ProcessStateError before the start
   */
  async join(options?: WaitOptions): Promise<boolean> {
    return this.#started('join').join(options);
  }

  /** {@link join}, blocking the thread. */
  joinSync(options?: { readonly timeout?: number | undefined }): boolean {
    return this.#started('joinSync').joinSync(options?.timeout);
  }

  /** Whether the process runs. False before the start. */
  isAlive(): boolean {
    this.#assertOpen();
    if (this.#isUs) return true;
    if (this.#creator !== process.pid)
      throw new ProcessStateError(`Whether ${this.#name} is alive can only be told by the process that made it.`);
    return this.#child !== undefined && this.#child.poll() === undefined;
  }

  /**
   * Asks the process to end: SIGTERM. Without a handler of its own it ends at once, and `finally` blocks do not run.
   * Does nothing if it has ended. Its own children end with it.
   *
   * @throws ProcessStateError before the start
   */
  terminate(): void {
    this.#signal('terminate', 'SIGTERM');
  }

  /** Ends the process by force: SIGKILL. Otherwise as {@link terminate}. */
  kill(): void {
    this.#signal('kill', 'SIGKILL');
  }

  /** Interrupts the process as Ctrl-C does: SIGINT. Otherwise as {@link terminate}. */
  interrupt(): void {
    this.#signal('interrupt', 'SIGINT');
  }

  /**
   * Frees what belongs to the object: its sentinel, first of all. Nothing but `name` and `daemon` can be asked of it
   * afterwards. Closing again does nothing.
   *
   * @throws ProcessStateError while the process runs
   */
  close(): void {
    if (this.#closed || this.#isUs) return;
    if (this.#child !== undefined && this.#child.poll() === undefined) {
      throw new ProcessStateError(`${this.#name} is still running: join() or terminate() it before you close it.`);
    }
    this.#closed = true;
    this.#child?.close();
  }

  /**
   * Ends the process if it still runs, waits until it has ended, and closes the object. SIGTERM first; SIGKILL if it has
   * not ended a second later, as with daemonic processes when a program ends. Join it before, if it is to end by itself.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    if (this.#child !== undefined) {
      this.terminate();
      if (!(await this.join({ timeout: GRACE_MS })) && !this.#closed) {
        this.kill();
        await this.join();
      }
    }
    this.close();
  }

  /** For `wait`. @internal */
  get [waitable](): Readiness {
    return new DescriptorReadiness(this.sentinel);
  }

  toString(): string {
    const parts = [`name='${this.#name}'`];
    if (!this.#closed && this.pid !== undefined && !this.#isUs) parts.push(`pid=${this.pid}`);
    parts.push(`parent=${this.#isUs ? (self.parent?.pid ?? 'none') : this.#creator}`, this.#state());
    if (this.#daemon) parts.push('daemon');
    return `<${this.constructor.name} ${parts.join(' ')}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #state(): string {
    if (this.#closed || this.#isUs) return this.#closed ? 'closed' : 'started';
    if (this.#creator !== process.pid) return 'unknown';
    if (this.#child === undefined) return 'initial';
    const code = this.#child.poll()?.exitCode;
    return code === undefined ? 'started' : `stopped exitcode=${describeExitCode(code)}`;
  }

  /** In a forked child: this object stands for it. Nobody here is told how the children of the parent end. */
  #becomeUs(): this {
    for (const sibling of self.children) sibling.#child?.close();
    self.children.clear();
    this.#isUs = true;
    return this;
  }

  #order(): Order {
    return {
      preparation: prepare(this.#name, this.#identity, this.#daemon, this.startMethod),
      assignment: () => this.#assign(),
      become: () => this.#becomeUs(),
    };
  }

  #assign(): Assignment {
    return {
      processClass: classToSend(this),
      fields: { ...(this as object) },
      target: this.#target as Assignment['target'],
      args: this.#args,
      kwargs: this.#kwargs,
    };
  }

  #signal(method: string, name: NodeJS.Signals): void {
    const started = this.#started(method);
    if (started.poll() === undefined) started.child.signal(name);
  }

  #started(what: string): StartedChild {
    this.#assertOpen();
    if (this.#creator !== process.pid || this.#isUs) {
      throw new ProcessStateError(`${what}: ${this.#name} is no child of this process.`);
    }
    if (this.#child === undefined) throw new ProcessStateError(`${what}: ${this.#name} was not started yet.`);
    return this.#child;
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError(`${this.#name}: this Process object was closed.`);
  }
}

markOurs(Process);
registerLocal(
  Process,
  'belongs to the process that made it: nobody else can start it, wait for it or end it. Pass its pid or name, or make it in the process that is to have it',
);
