import { AbortError, TimeoutError } from '@mp/errors';
import { Deadline } from '@mp/native';
import { listen, stopListening } from './abort-listeners.ts';

/** What may end a call early, and what becomes of it if its worker is lost. */
export interface CallOptions {
  /**
   * Ends the call with an AbortError: what waits is taken back, and a worker that runs a part of it is replaced, in the
   * middle of an endless loop or not. Tasks of others that it had in line are not affected.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * The same, with a TimeoutError, when the call has no result so many milliseconds after it was made, the time in which
   * it waited for a worker included. Default: none.
   */
  readonly timeout?: number | undefined;
  /**
   * How often a task is given to another worker if its worker is lost in the middle of it. Default 0: it fails with
   * WorkerLostError. Tasks must bear being run again. What a function throws is never repeated.
   */
  readonly retries?: number | undefined;
}

/** Longer is for ever. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time and the signal that may end one call. */
export class Limits {
  readonly #deadline: Deadline;
  readonly #signal: AbortSignal | undefined;
  readonly #task: string;
  #end: ((error: unknown) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(deadline: Deadline, signal: AbortSignal | undefined, task: string) {
    this.#deadline = deadline;
    this.#signal = signal;
    this.#task = task;
  }

  /**
   * @returns undefined if nothing can end the call early
   * @throws TypeError if an option is none
   */
  static of({ signal, timeout }: CallOptions, task: string): Limits | undefined {
    if (signal === undefined && timeout === undefined) return undefined;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw Object.assign(new TypeError('Pool: signal must be an AbortSignal.'), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    return new Limits(Deadline.after(timeout), signal, task);
  }

  /**
   * Begins to watch.
   *
   * @param end - called at most once, with the reason; at once if it is too late already
   */
  watch(end: (error: unknown) => void): void {
    this.#end = end;
    if (this.#signal?.aborted) this.#abort();
    else if (this.#deadline.expired) this.#expire();
    else {
      if (this.#signal !== undefined) listen(this.#signal, this.#abort);
      const left = this.#deadline.remaining();
      // What is outstanding keeps the event loop alive as long as it has to.
      if (left <= LONGEST_TIMER_MS) this.#timer = setTimeout(this.#expire, Math.ceil(left)).unref();
    }
  }

  /** The call has ended. */
  lift(): void {
    this.#end = undefined;
    clearTimeout(this.#timer);
    if (this.#signal !== undefined) stopListening(this.#signal, this.#abort);
  }

  /** Timers do not fire while the thread is blocked: sleeps no longer than the call may take. */
  sleepSync(timeout: number, sleep: (timeout: number) => void): void {
    sleep(Math.min(timeout, this.#deadline.remaining()));
    if (this.#deadline.expired) this.#expire();
  }

  readonly #abort = (): void => {
    const cause: unknown = this.#signal?.reason;
    this.#finish(new AbortError(`${this.#task} was aborted by its signal.`, { cause }));
  };

  readonly #expire = (): void => {
    const timeout = Math.max(0, this.#deadline.timeout);
    const message = `${this.#task} had no result after ${timeout} ms, and was stopped.`;
    this.#finish(new TimeoutError(message, { timeout }));
  };

  #finish(error: unknown): void {
    const end = this.#end;
    this.lift();
    end?.(error);
  }
}
