import { AbortError } from '@mp/errors';
import type { WaitOptions } from './deadline.ts';

/** Node's timers hold 31 bits of milliseconds; 24 days are for ever. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One wait in the event loop, with everything that may end it. */
export interface Waiting<T> {
  /** What is waited for, as it stands in the message of an AbortError: «recv: waiting for a message». */
  readonly what: string;
  /**
   * Begins to wait: arranges for `resolve` or `reject` to be called when it has happened. Returns what undoes that;
   * it is called once, however the wait ends.
   */
  begin(resolve: (value: T) => void, reject: (error: unknown) => void): () => void;
  /** The time is over: what the wait comes to, or throws. May also still resolve it. */
  late(): T;
}

/**
 * Waits in the event loop until something has happened, the time is over, or the signal aborts.
 *
 * The timer keeps the event loop alive. A `timeout` of 0 or less is over in the next turn of the loop: whoever must not
 * wait at all asks a Deadline first.
 *
 * @throws AbortError with the signal's reason as its cause
 */
export function waitWithin<T>(options: WaitOptions | undefined, waiting: Waiting<T>): Promise<T> {
  const { timeout, signal } = options ?? {};
  return new Promise<T>((resolve, reject) => {
    let stop: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    let over = false;
    const end = (): void => {
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      stop?.();
    };
    const succeed = (value: T): void => {
      if (over) return;
      end();
      resolve(value);
    };
    const fail = (error: unknown): void => {
      if (over) return;
      end();
      reject(error);
    };
    const abort = (): void =>
      fail(new AbortError(`${waiting.what} was aborted by its signal.`, { cause: signal?.reason }));
    if (signal?.aborted) return abort();
    if (signal && typeof signal.addEventListener !== 'function') {
      reject(new TypeError(`The signal must be an AbortSignal, not of type ${typeof signal}. Nothing was waited for.`));
      return;
    }
    if (timeout !== undefined && timeout <= LONGEST_TIMER_MS) {
      timer = setTimeout(() => {
        try {
          succeed(waiting.late());
        } catch (error) {
          fail(error);
        }
      }, timeout);
    }
    signal?.addEventListener('abort', abort, { once: true });
    stop = waiting.begin(succeed, fail);
    // It happened while we began.
    if (over) stop();
  });
}
