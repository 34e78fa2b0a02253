import { inspect } from 'node:util';
import { Fifo } from '@mp/connection/internal';
import { AbortError, TimeoutError } from '@mp/errors';
import { Deadline, type WaitOptions, waitWithin } from '@mp/native';
import { registerLocal } from '@mp/reduction';
import type { Dispatcher } from './dispatcher.ts';
import { PoolStateError } from './errors.ts';
import { type ChunkPlan, ImapChunk, type Outcome } from './imap-chunk.ts';
import { ImapInput } from './imap-input.ts';
import type { Limits } from './limits.ts';
import { Odometer, type OnProgress } from './progress.ts';
import { MAP, MAP_EACH } from './protocol.ts';
import type { ReadAhead } from './read-ahead.ts';
import type { Work } from './work.ts';

/** What an imap is made of. */
export interface ImapRequest {
  readonly functionId: number;
  readonly fn: (...args: never[]) => unknown;
  readonly items: Iterable<unknown> | AsyncIterable<unknown>;
  readonly chunkSize: number;
  /** How many items are read ahead of those that were taken. */
  readonly ahead: ReadAhead;
  /** With so many items or fewer the workers may run out of work. */
  readonly fewest: number;
  /** Results in the order of the items, and not as they come. */
  readonly ordered: boolean;
  /** How the call is called in messages. */
  readonly task: string;
  readonly retries: number;
  readonly limits: Limits | undefined;
  readonly onProgress: OnProgress | undefined;
  readonly total: number | undefined;
  /** It needs the pool no more. */
  readonly onEnd: (imap: ImapIterator<unknown>) => void;
}

/**
 * Results of an `imap`, one after the other: an async iterator, and for whoever blocks the thread an iterator.
 *
 * An item that fails is an error at its place: `next` rejects once, and goes on with the next item if it is called again.
 * (`for await` and `for` leave at an error, as they always do.) Leaving the loop, or `return()`, takes back what no worker
 * has begun and closes the input.
 *
 * Python: what `Pool.imap` returns. There `next(timeout)` exists for chunks of one item only, and with larger ones an
 * error ends the iteration.
 *
 * @example
 * ```ts
 * for await (const line of pool.imap(parse, readLines())) console.log(line);
 * ```
 */
export class ImapIterator<T> implements AsyncIterableIterator<T, undefined, WaitOptions | undefined> {
  readonly #request: ImapRequest;
  readonly #dispatcher: Dispatcher;
  readonly #input: ImapInput;
  readonly #odometer: Odometer;
  readonly #plan: ChunkPlan;
  /** Ordered: in the order of the items, answered or not. Else those that are answered. */
  readonly #chunks = new Fifo<ImapChunk>();
  /** Not ordered: those that are not answered. */
  readonly #outstanding = new Set<Work>();
  /** Who waits for a result, and whether it has one now. */
  readonly #waiting = new Set<() => boolean>();
  #collected: unknown[] = [];
  #read = 0;
  /** Items that were handed over and have not been taken by the user. */
  #untaken = 0;
  #unanswered = 0;
  #failure: { readonly error: unknown } | undefined;
  #draining = false;
  #over = false;

  /** @internal */
  constructor(request: ImapRequest, dispatcher: Dispatcher) {
    this.#request = request;
    this.#dispatcher = dispatcher;
    this.#odometer = new Odometer(request.onProgress, request.total);
    const { functionId, fn, chunkSize, task } = request;
    const answered = (chunk: ImapChunk): void => this.#answered(chunk);
    this.#plan = { mode: chunkSize === 1 ? MAP : MAP_EACH, functionId, fn, task, answered };
    dispatcher.hold();
    this.#input = new ImapInput(request.items, {
      wants: () => this.#wants(),
      item: (value) => this.#collect(value),
      ended: (failure) => this.#inputEnded(failure),
    });
    request.limits?.watch((error) => this.#abandon({ error }, false));
    this.#input.read();
  }

  /**
   * The next result.
   *
   * @throws what the function threw for that item; WorkerLostError; what the input threw, after all results of what it
   * gave before; TimeoutError or AbortError if the wait is over first: nothing is lost by it, call `next` again
   */
  async next(options?: WaitOptions): Promise<IteratorResult<T, undefined>> {
    if (options?.signal?.aborted !== true) {
      const outcome = this.#take();
      if (outcome !== undefined) return this.#result(outcome);
      if (this.#isDone()) return DONE;
    }
    const late = (): never => {
      throw this.#late(options?.timeout);
    };
    if (Deadline.after(options?.timeout).expired && options?.signal?.aborted !== true) late();
    const outcome =
      options === undefined
        ? await new Promise<Outcome | undefined>((resolve, reject) => this.#whenReady(resolve, reject))
        : await waitWithin<Outcome | undefined>(options, {
            what: `next: waiting for ${this.#request.task}`,
            begin: (resolve, reject) => this.#whenReady(resolve, reject),
            late,
          });
    return outcome === undefined ? DONE : this.#result(outcome);
  }

  /** {@link next}, blocking the thread. An async input cannot bring more then: that is an error if nothing is left. */
  nextSync(options?: { readonly timeout?: number | undefined }): IteratorResult<T, undefined> {
    const deadline = Deadline.after(options?.timeout);
    for (;;) {
      const outcome = this.#take();
      if (outcome !== undefined) return this.#result(outcome);
      if (this.#isDone()) return DONE;
      if (deadline.expired) throw this.#late(options?.timeout);
      if (this.#unanswered === 0 && this.#input.isAsync) {
        const why = 'the input is asynchronous, and brings nothing while the thread is blocked. Use next().';
        throw new PoolStateError(`nextSync: ${this.#request.task} would wait for ever: ${why}`);
      }
      const sleep = (timeout: number): void => this.#dispatcher.waitSync(timeout);
      // Else what was put off to another turn of the event loop.
      if (this.#unanswered === 0) this.#input.read();
      else if (this.#request.limits === undefined) sleep(deadline.remaining());
      else this.#request.limits.sleepSync(deadline.remaining(), sleep);
    }
  }

  /** Ends it: takes back what no worker has begun, and closes the input. What has begun comes to its end unnoticed. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#abandon(undefined, true);
    return DONE;
  }

  /** {@link return} */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abandon(undefined, true);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** For `for (… of …)`, which blocks the thread. */
  [Symbol.iterator](): Iterator<T, undefined> {
    return {
      next: () => this.nextSync(),
      return: () => {
        this.#abandon(undefined, true);
        return DONE;
      },
    };
  }

  toString(): string {
    const state = this.#over ? 'done' : `${this.#read} items read, ${this.#unanswered} unanswered`;
    return `<ImapIterator ${this.#request.task} ${state}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** Whether it needs the pool no more. @internal */
  get over(): boolean {
    return this.#over;
  }

  /** The pool has come to its end: whoever waits for more input is told. @internal */
  poolEnded(): void {
    if (this.#over || this.#input.ended) return;
    this.#input.close({ error: this.#dispatcher.over });
  }

  /** Reads the input to its end, whether results are taken or not. @internal */
  drain(): void {
    this.#draining = true;
    this.#input.read();
  }

  #wants(): boolean {
    if (this.#dispatcher.over !== undefined) {
      this.poolEnded();
      return false;
    }
    const held = this.#draining ? this.#unanswered : this.#untaken;
    return held + this.#collected.length < this.#request.ahead.size;
  }

  #collect(item: unknown): void {
    this.#read++;
    this.#collected.push(item);
    if (this.#collected.length === this.#request.chunkSize) this.#submit();
  }

  #inputEnded(failure: { readonly error: unknown } | undefined): void {
    if (this.#over) return;
    if (this.#collected.length > 0) this.#submit();
    this.#failure = failure;
    this.#dispatcher.release();
    this.#wake();
  }

  #submit(): void {
    const payload = this.#collected;
    this.#collected = [];
    const { ordered, retries } = this.#request;
    const chunk = new ImapChunk(this.#plan, payload, this.#read - payload.length, retries);
    this.#untaken += payload.length;
    this.#unanswered += payload.length;
    if (ordered) this.#chunks.push(chunk);
    else this.#outstanding.add(chunk);
    this.#dispatcher.add(chunk);
  }

  #answered(chunk: ImapChunk): void {
    const { length } = chunk.payload;
    this.#unanswered -= length;
    if (!this.#request.ordered) this.#outstanding.delete(chunk);
    if (this.#over) return;
    if (!this.#request.ordered) this.#chunks.push(chunk);
    this.#odometer.advance(length);
    if (this.#draining || this.#unanswered <= this.#request.fewest) this.#input.read();
    this.#wake();
  }

  #take(): Outcome | undefined {
    const chunk = this.#chunks.first;
    const outcome = chunk?.take();
    if (outcome === undefined) return undefined;
    if (chunk?.isEmpty) this.#chunks.shift();
    this.#untaken--;
    this.#refill();
    this.#endIfDone();
    return outcome;
  }

  /**
   * Reads more, but not one item for each that is taken: many at once are one wake-up for whoever works on them. When
   * half of what may be read ahead was taken, or when there is hardly anything left to do.
   */
  #refill(): void {
    const { ahead, fewest } = this.#request;
    const half = this.#untaken <= ahead.size >> 1;
    if (half) ahead.halfTaken();
    if (half || this.#unanswered <= fewest) this.#input.read();
  }

  /** Gives the next result, or that there is none, as soon as it is there. Returns how that is undone. */
  #whenReady(resolve: (outcome: Outcome | undefined) => void, reject: (error: unknown) => void): () => void {
    let served = false;
    const wake = (): boolean => {
      // The input is read meanwhile, and may wait for the same pool: an answer that comes then is not for us.
      if (served) return true;
      served = true;
      try {
        const outcome = this.#take();
        if (outcome !== undefined || this.#isDone()) resolve(outcome);
        else served = false;
      } catch (error) {
        reject(error);
      }
      return served;
    };
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  #result(outcome: Outcome): IteratorResult<T, undefined> {
    if ('error' in outcome) throw outcome.error;
    return { done: false, value: outcome.value as T };
  }

  /** Nothing will come any more. The error of the input, or of the end, stands at the end. */
  #isDone(): boolean {
    if (this.#untaken > 0 || !(this.#over || this.#input.ended)) return false;
    const failure = this.#failure;
    this.#failure = undefined;
    this.#endIfDone();
    if (failure !== undefined) throw failure.error;
    return true;
  }

  #endIfDone(): void {
    if (this.#untaken > 0 || this.#over || !this.#input.ended) return;
    this.#over = true;
    this.#request.limits?.lift();
    this.#request.onEnd(this);
  }

  #wake(): void {
    for (const wake of this.#waiting) if (wake()) this.#waiting.delete(wake);
  }

  /** Nobody wants the rest any more. */
  #abandon(failure: { readonly error: unknown } | undefined, spareBegun: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    this.#untaken = 0;
    this.#collected = [];
    for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
      if (!chunk.isAnswered) this.#outstanding.add(chunk);
    }
    const ended = this.#input.ended;
    this.#input.close();
    if (!ended) this.#dispatcher.release();
    this.#request.limits?.lift();
    const reason = failure?.error ?? new AbortError(`${this.#request.task} was ended by its user.`);
    this.#dispatcher.cancel(new Set(this.#outstanding), reason, spareBegun);
    this.#outstanding.clear();
    this.#request.onEnd(this);
    this.#wake();
  }

  #late(timeout: number | undefined): TimeoutError {
    const waited = Math.max(0, timeout ?? 0);
    const message = `next: ${this.#request.task} had no further result within ${waited} ms. It goes on; call next again.`;
    return new TimeoutError(message, { timeout: waited });
  }
}

registerLocal(ImapIterator, 'belongs to the pool that it comes from. Pass its results');

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });
