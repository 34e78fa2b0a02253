import { inspect } from 'node:util';
import type { SyncWaitOptions, Untyped } from '@mp/connection';
import { ClosedError, ProcessError } from '@mp/errors';
import { Deadline, type WaitOptions } from '@mp/native';
import { QueueShutDownError } from './errors.ts';
import { enter, flushAtExit, type Living, leave } from './living.ts';
import { MAX_SIZE, PUT, TAKEN } from './memory/layout.ts';
import { QueueSpace } from './memory/space.ts';
import { type Outgoing, pickler } from './outgoing.ts';
import { Posting } from './posting.ts';
import { GETTING, GETTING_NOW, GETTING_SYNC, PUTTING, PUTTING_NOW, PUTTING_SYNC } from './purposes.ts';
import { SharedQueue } from './shared-queue.ts';
import { type Attempt, NOT_YET, type Purpose } from './waiting/attempt.ts';
import { Turnstile } from './waiting/turnstile.ts';

const NOW: SyncWaitOptions = { timeout: 0 };
const DONE: Promise<void> = Promise.resolve();
const ONLY_US =
  'nobody has it but this thread, which the call blocks. Use the promise form, or give it to a process first.';

/** Each takes as long as somebody else may need to copy a record, if the system has interrupted it. */
const MOST_FLUSHES = 1000;

const unreachable = new FinalizationRegistry<SharedQueue>((shared) => shared.close());

/**
 * A queue between processes, for any number of putters and getters.
 *
 * - **Where messages are.** In shared memory, from the moment when `put` resolves (or `putSync` returns) to the moment
 *   when `get` has decoded them. Nothing is buffered in a process: who puts may end at once, in whatever way, and a process can
 *   be joined before the queue is drained. Memory is used for what is in the queue, and given back.
 * - **Order.** First in, first out, in the order in which the puts were published; the messages of one thread keep theirs.
 *   Only a message whose getter was killed comes later than its turn.
 * - **Delivery.** Every message is got once. If its getter is killed while it decodes it, another gets it; a putter that is
 *   killed has put the whole message or nothing. One exception: a message that carries descriptors (a pipe, another queue)
 *   is lost with its getter, and the next one is told by a BrokenPipeError.
 * - **Room.** Without `maxSize` putting does not wait for getting. Of messages that carry descriptors, the system lets a few
 *   hundred be on their way; then `put` waits for room.
 * - **Fairness.** Callers within a thread are served in turn; among threads and processes there is no order.
 *
 * A queue travels as an argument of `Process`, inside any message, also through itself, and by `fork`. It exists as long
 * as somebody has it; nobody has to clean up. A call that waits keeps its process alive, an idle queue does not.
 *
 * Python: `multiprocessing.Queue`. There a thread pickles and sends later: errors go to stderr, later changes to the object
 * may be seen, the process cannot end before all is sent, and who is killed at a bad moment breaks the queue.
 *
 * @typeParam T - what is put
 *
 * @example
 * ```ts
 * const queue = new Queue<number>();
 * const process = new Process({ target: work, args: [queue] });
 * await process.start();
 * for (let i = 0; i < 10; i++) await queue.put(i);
 * queue.shutdown(); // `for await (const n of queue)` ends in the process when it has got all
 * await process.join();
 * ```
 */
export class Queue<T = Untyped> implements AsyncIterable<T>, Disposable {
  readonly #shared: SharedQueue;
  readonly #getters: Turnstile;
  readonly #putters: Turnstile;
  readonly #maxSize: number;
  #closed = false;

  /**
   * @param maxSize - how many messages may wait; then `put` waits. Default 0: as many as there is memory for.
   * @throws RangeError if it is not an integer
   */
  constructor(maxSize?: number);
  /** @internal */
  constructor(space: QueueSpace | number | undefined, joinable?: boolean);
  constructor(maxSize: QueueSpace | number = 0, joinable = false) {
    const space = maxSize instanceof QueueSpace ? maxSize : QueueSpace.create(checkMaxSize(maxSize));
    const shared = new SharedQueue(space, joinable);
    // Who travelled was counted when it left.
    if (space !== maxSize) shared.holders.add();
    const { words } = space;
    this.#shared = shared;
    this.#maxSize = words[MAX_SIZE]!;
    this.#getters = new Turnstile(shared.readers, { words, index: PUT, inVain: () => words[TAKEN]! });
    this.#putters = new Turnstile(shared.writers, { words, index: TAKEN, inVain: () => words[TAKEN]! });
    unreachable.register(this, shared, this);
    enter(this.#living);
  }

  /** @internal */
  get shared(): SharedQueue {
    return this.#shared;
  }

  /** How many messages may wait; 0: any number. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Whether the queue was closed by this process. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Puts an object into the queue. It is pickled before the call returns: later changes to it are not seen by anybody.
   *
   * @returns resolved when the message is in the queue. Without `maxSize` that is so already when the call returns, but for
   *   the rare case that another process was interrupted in the middle of a put. What waits is put before the process ends
   *   by itself.
   * @throws PicklingError if part of the object cannot travel: nothing was put
   * @throws QueueFullError if there was no room within `timeout` milliseconds (default: for ever), or if the queue cannot
   *   hold one more large message, however long one waits: 262,144 of more than 16 KiB
   * @throws QueueShutDownError, ClosedError, AbortError: nothing was put
   *
   * @example
   * ```ts
   * await queue.put({ id: 1, pixels: new Uint8Array(4_000_000) }, { timeout: 1000 });
   * ```
   */
  put(value: T, options?: WaitOptions): Promise<void> {
    try {
      if (options !== undefined) Deadline.after(options.timeout);
      const message = this.#compose(value, PUTTING);
      if (this.#putters.length === 0 && options?.signal?.aborted !== true && this.#shared.put(message) === true)
        return DONE;
      flushAtExit();
      const posting = new Posting(this, message);
      return this.#putters.pass(posting.attempt, PUTTING, options, posting);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * {@link put}, blocking the thread.
   *
   * @throws DeadlockError if the queue is full and nobody but this thread has it, or has it any more
   */
  putSync(value: T, options?: SyncWaitOptions): void {
    this.#putSync(value, PUTTING_SYNC, options);
  }

  /**
   * Puts an object if there is room now.
   *
   * @throws QueueFullError if there is none
   */
  putNowait(value: T): void {
    this.#putSync(value, PUTTING_NOW, NOW);
  }

  /**
   * Gets the next object. Loads the modules of functions and classes in it, if they are not loaded yet.
   *
   * @throws QueueEmptyError if none came within `timeout` milliseconds (default: for ever)
   * @throws QueueShutDownError if the queue was shut down and everything was taken
   * @throws UnpicklingError if the message cannot be decoded: it is skipped, the next call gets the next message
   * @throws ClosedError, AbortError: nothing was taken
   *
   * @example
   * ```ts
   * try {
   *   console.log(await queue.get({ timeout: 1000 }));
   * } catch (error) {
   *   if (!(error instanceof QueueEmptyError)) throw error;
   * }
   * ```
   */
  get(options?: WaitOptions): Promise<T> {
    try {
      this.assertOpen('get');
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#getters.pass(this.#take, GETTING, options) as Promise<T>;
  }

  /**
   * {@link get}, blocking the thread.
   *
   * @throws DeadlockError if the queue is empty and nobody but this thread has it, or has it any more: whoever else had it
   *   has ended. That is noticed within a tenth of a second. (A promise cannot be sure: this process may still put.)
   * @throws ModuleNotLoadedError if the message needs a module that can only be loaded asynchronously (it uses
   *   top-level await): the message is kept, and `await get()` gets it
   */
  getSync(options?: SyncWaitOptions): T {
    return this.#getSync(GETTING_SYNC, options);
  }

  /**
   * Gets the next object if there is one now.
   *
   * @throws QueueEmptyError if there is none
   */
  getNowait(): T {
    return this.#getSync(GETTING_NOW, NOW);
  }

  /** How many messages wait at the moment. Exact, but another process may change it before you look at it. */
  qsize(): number {
    this.assertOpen('qsize');
    return this.#shared.size;
  }

  /** Whether a get would have to wait at the moment. */
  empty(): boolean {
    this.assertOpen('empty');
    return this.#shared.isEmpty;
  }

  /** Whether a put would have to wait at the moment. Without `maxSize` never. */
  full(): boolean {
    this.assertOpen('full');
    return this.#shared.isFull;
  }

  /**
   * Ends the queue for everybody who has it, in every process. Nothing can be put any more: whoever puts, or waits to, gets
   * {@link QueueShutDownError}. What is in the queue can still be got; after that, whoever gets, or waits to, gets the error,
   * too, and async iterations end.
   *
   * @param options - `immediate`: what is in the queue is thrown away. Default false.
   *
   * Python: `queue.Queue.shutdown` of Python 3.13; `multiprocessing.Queue` has no such thing.
   */
  shutdown(options?: { readonly immediate?: boolean | undefined }): void {
    this.assertOpen('shutdown');
    this.#shared.shutDown(options?.immediate ?? false);
    for (const turnstile of this.turnstiles()) turnstile.pump();
  }

  /**
   * This process does not use the queue any more: whoever waits here gets {@link ClosedError}, and so does every later call.
   * Others go on using it. Closing again does nothing. A queue that is collected closes itself.
   *
   * Python: also says that buffered data is to be sent. Here nothing is buffered.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    unreachable.unregister(this);
    leave(this.#living);
    const error = new ClosedError('This queue was closed by this process while the call was waiting.');
    for (const turnstile of this.turnstiles()) turnstile.rejectAll(error);
    this.#shared.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Resolves at once: when `put` has resolved, the message is in shared memory, and nothing has to be flushed.
   *
   * @throws ProcessError `ERR_MP_NOT_CLOSED` if the queue is not closed, as in Python
   */
  async joinThread(): Promise<void> {
    this.joinThreadSync();
  }

  /** {@link joinThread}. */
  joinThreadSync(): void {
    if (this.#closed) return;
    throw new ProcessError('joinThread: the queue is not closed. Call close() first.', { code: 'ERR_MP_NOT_CLOSED' });
  }

  /** Does nothing: no process waits at its end for what it has put. Python: gives up what is not sent yet. */
  cancelJoinThread(): void {}

  /**
   * The messages to come, until the queue is shut down and empty. Several may iterate over one queue: each message goes to
   * one of them.
   *
   * @example
   * ```ts
   * for await (const task of queue) await work(task);
   * ```
   */
  async *[Symbol.asyncIterator](): AsyncIterator<T, void, undefined> {
    for (;;) {
      let message: T;
      try {
        message = await this.get();
      } catch (error) {
        if (error instanceof QueueShutDownError) return;
        throw error;
      }
      yield message;
    }
  }

  [inspect.custom](): string {
    const name = this.constructor.name;
    return this.#closed ? `<${name} closed>` : `<${name} ${this.#shared.size} waiting>`;
  }

  /** @internal Wherever somebody waits. */
  protected turnstiles(): readonly Turnstile[] {
    return [this.#putters, this.#getters];
  }

  readonly #living: Living = {
    beforeFork: () => this.#shared.holders.add(),
    notForked: () => this.#shared.holders.takeBack(),
    forked: () => {
      for (const turnstile of this.turnstiles()) turnstile.forget();
      this.#shared.forked();
    },
    flush: () => {
      for (let i = 0; i < MOST_FLUSHES && this.#putters.pump(); i++);
    },
  };

  // Through `this`, so that a queue on which somebody waits is not collected.
  readonly #take: Attempt<unknown> = () => this.#shared.take();
  readonly #takeSync: Attempt<unknown> = () => {
    const outcome = this.#shared.takeSync();
    // What this thread itself waits to put cannot come in by itself while the thread is blocked.
    if (outcome !== NOT_YET || this.#putters.length === 0) return outcome;
    this.#putters.pump();
    return this.#shared.takeSync();
  };

  #putSync(value: T, purpose: Purpose, options: SyncWaitOptions | undefined): void {
    if (options !== undefined) Deadline.after(options.timeout);
    const message = this.#compose(value, purpose);
    if (this.#putters.length === 0 && this.#shared.put(message) === true) return;
    const posting = new Posting(this, message);
    const attempt: Attempt<unknown> = () => {
      const outcome = posting.attempt();
      // Nor can those of this thread get what is in the way.
      if (outcome !== NOT_YET || this.#getters.length === 0) return outcome;
      // To decode is to run code of the user, which may use the pickler.
      posting.hold();
      this.#getters.pump();
      return posting.attempt();
    };
    try {
      this.#putters.passSync(attempt, purpose, options, this.#fullForEver);
    } catch (error) {
      posting.abandon();
      throw error;
    }
  }

  #getSync(purpose: Purpose, options: SyncWaitOptions | undefined): T {
    this.assertOpen(purpose.method);
    return this.#getters.passSync(this.#takeSync, purpose, options, this.#emptyForEver) as T;
  }

  readonly #fullForEver = (): string | undefined =>
    this.#shared.holders.onlyThisThread ? `the queue is full, and ${ONLY_US}` : undefined;

  readonly #emptyForEver = (): string | undefined =>
    this.#shared.holders.onlyThisThread ? `the queue is empty, and ${ONLY_US}` : undefined;

  #compose(value: T, { method, late }: Purpose): Outgoing {
    this.assertOpen(method);
    const pickle = pickler.pickle(value);
    // Code of the user has run meanwhile: a getter, a `reduce`.
    this.assertOpen(method);
    const message = this.#shared.compose(pickle);
    if (message === undefined) throw late(method, 0);
    return message;
  }

  /** @internal */
  protected assertOpen(method: string): void {
    if (this.#closed) throw new ClosedError(`${method}: this queue was closed by this process.`);
  }
}

const LARGEST_MAX_SIZE = 2 ** 31 - 1;

function checkMaxSize(maxSize: number): number {
  if (maxSize === Number.POSITIVE_INFINITY) return 0;
  if (Number.isInteger(maxSize) && maxSize <= LARGEST_MAX_SIZE) return Math.max(0, maxSize);
  throw Object.assign(
    new RangeError(
      `maxSize is ${String(maxSize)}: it must be an integer up to ${LARGEST_MAX_SIZE}, or 0 for no bound.`,
    ),
    { code: 'ERR_OUT_OF_RANGE' },
  );
}
