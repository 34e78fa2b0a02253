import { AbortError, BrokenPipeError, TimeoutError } from '@mp/errors';
import { Deadline, type WaitOptions, waitWithin } from '@mp/native';
import { UnpicklingError } from '@mp/reduction';
import {
  CANCEL,
  NOT_DECODED,
  type Notice,
  RETURNED,
  type Request,
  type Response,
  THAT_ONE,
  WHICH,
} from '../protocol.ts';
import { adoptError } from './adopt-error.ts';
import { inCall } from './path-in-call.ts';
import type { Wire } from './wire.ts';

/** How long the server may take to say what became of a call that is given up. Then nobody listens any more. */
const GRACE_MS = 1_000;
/** What a timer of Node holds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Pending {
  /** Kept from being collected. */
  readonly caller: object;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Which message of this connection it was. */
  ordinal: number;
}

/** The calls of one thread to one server that are under way in its event loop: many at once, answered in any order. */
export class Channel {
  readonly #wire: Wire;
  readonly #calls = new Map<number, Pending>();
  readonly #ended: (error: unknown) => void;
  #last = 0;
  #sent = 0;
  #received = 0;
  #receiving = false;
  /** It receives what nobody waits for any more: that does not keep the process alive. */
  #unheard = false;
  /** Answers that could not be decoded: why; the server was asked which calls they are of, in this order. */
  readonly #unclear: unknown[] = [];

  /** @param ended - is told once when the connection is at its end */
  constructor(wire: Wire, ended: (error: unknown) => void) {
    this.#wire = wire;
    this.#ended = ended;
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param request - what to send, given its number
   * @param what - for messages: `get of 'dict' 3`
   * @param caller - is not collected before it is answered
   */
  call(
    request: (number: number) => Request,
    what: string,
    options: WaitOptions | undefined,
    caller: object,
  ): Promise<unknown> {
    const number = ++this.#last;
    if (options?.timeout === undefined && options?.signal === undefined) {
      return new Promise((resolve, reject) =>
        this.#begin(number, request(number), { caller, resolve, reject, ordinal: 0 }),
      );
    }
    try {
      // Refuses what is no time.
      Deadline.after(options.timeout);
    } catch (error) {
      return Promise.reject(error);
    }
    return waitWithin<unknown>(
      {},
      {
        what,
        begin: (resolve, reject) => this.#beginWithin(number, request(number), caller, what, options, resolve, reject),
        late() {},
      },
    );
  }

  /** Sends what is not answered. Nothing is known of whether it arrives. */
  post(notice: Notice): void {
    this.#send(notice, () => {});
  }

  /** All who wait get the error. */
  close(error: unknown): void {
    this.#wire.close();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of calls) reject(error);
  }

  /** In a forked child: the calls are the parent's. */
  forget(): void {
    this.#calls.clear();
    this.#wire.close();
  }

  #begin(number: number, request: Request, pending: Pending): void {
    this.#calls.set(number, pending);
    this.#send(
      request,
      () => {
        pending.ordinal = this.#sent;
      },
      (error) => {
        // The other end is gone: for this call, and for all.
        if (error instanceof BrokenPipeError) return this.#ended(error);
        this.#calls.delete(number);
        pending.reject(inCall(error));
      },
    );
    void this.#receive();
  }

  /**
   * With time-out or signal. When the wait is over the server is told, and its answer is waited for: the call may have
   * succeeded meanwhile, and its result must not be lost.
   */
  #beginWithin(
    number: number,
    request: Request,
    caller: object,
    what: string,
    { timeout, signal }: WaitOptions,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): () => void {
    let failure: Error | undefined;
    let grace: NodeJS.Timeout | undefined;
    const giveUp = (why: Error): void => {
      if (failure !== undefined) return;
      failure = why;
      this.post([0, CANCEL, number]);
      grace = setTimeout(() => {
        this.#calls.delete(number);
        if (this.#calls.size === 0) this.#listenNoMore();
        reject(why);
      }, GRACE_MS);
    };
    const abort = (): void => giveUp(new AbortError(`${what} was aborted by its signal.`, { cause: signal?.reason }));
    const timer =
      timeout === undefined || timeout > LONGEST_TIMER_MS
        ? undefined
        : setTimeout(() => giveUp(new TimeoutError(`${what}: no answer within ${timeout} ms.`, { timeout })), timeout);
    signal?.addEventListener('abort', abort, { once: true });
    const refuse = (error: unknown): void => reject(failure !== undefined && isGivenUp(error) ? failure : error);
    this.#begin(number, request, { caller, resolve, reject: refuse, ordinal: 0 });
    if (signal?.aborted) abort();
    return () => {
      clearTimeout(timer);
      clearTimeout(grace);
      signal?.removeEventListener('abort', abort);
    };
  }

  #send(message: Request, sent: () => void, failed?: (error: unknown) => void): void {
    this.#wire.send(message).then(
      () => {
        this.#sent++;
        sent();
      },
      (error: unknown) => failed?.(error),
    );
  }

  /** Receives while somebody waits for an answer, and only then: that keeps the process alive. */
  async #receive(): Promise<void> {
    if (this.#receiving) {
      if (this.#unheard) this.#wire.transport.keepLoopAlive(true);
      this.#unheard = false;
      return;
    }
    this.#receiving = true;
    this.#unheard = false;
    try {
      while (this.#calls.size > 0) await this.#next();
    } catch (error) {
      this.#ended(error);
    } finally {
      this.#receiving = false;
    }
  }

  #listenNoMore(): void {
    this.#unheard = true;
    this.#wire.transport.keepLoopAlive(false);
  }

  async #next(): Promise<void> {
    let response: Response;
    try {
      response = await this.#wire.recv();
    } catch (error) {
      if (!(error instanceof UnpicklingError)) throw error;
      this.#received++;
      this.#ask(error);
      return;
    }
    this.#received++;
    this.#settle(response);
  }

  #settle([number, kind, value]: Response): void {
    if (kind === NOT_DECODED) {
      for (const [key, { ordinal }] of this.#calls) if (ordinal === number) this.#reject(key, value);
      return;
    }
    if (kind === THAT_ONE) {
      this.#reject(number, this.#unclear.shift());
      return;
    }
    const pending = this.#calls.get(number);
    if (pending === undefined) return;
    this.#calls.delete(number);
    if (kind === RETURNED) pending.resolve(value);
    else pending.reject(adoptError(value));
  }

  /** An answer came that cannot be decoded. Of which call? */
  #ask(error: UnpicklingError): void {
    const [only] = this.#calls.keys();
    if (this.#calls.size === 1 && only !== undefined) {
      this.#reject(only, error);
      return;
    }
    this.#unclear.push(error);
    this.post([0, WHICH, this.#received - 1]);
  }

  #reject(number: number, error: unknown): void {
    const pending = this.#calls.get(number);
    this.#calls.delete(number);
    pending?.reject(error);
  }
}

const isGivenUp = (error: unknown): boolean => error instanceof AbortError || (error as Error)?.name === 'AbortError';
