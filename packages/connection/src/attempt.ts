import { AbortError, TimeoutError } from '@mp/errors';
import { type WaitOptions, waitWithin } from '@mp/native';
import { Fifo } from './fifo.ts';

/** An attempt that did not succeed yet. */
export const NOT_YET: unique symbol = Symbol('not yet');
export type NotYet = typeof NOT_YET;

/** Tries to do something without waiting. Throws when it never can. */
export type Attempt<T> = () => T | NotYet;

/** What an operation is called in messages: `recv`, «a message». */
export interface Purpose {
  readonly method: string;
  readonly awaited: string;
}

export const timeoutError = ({ method, awaited }: Purpose, timeout: number): TimeoutError =>
  new TimeoutError(
    `${method}: ${awaited} did not come within ${Math.max(0, timeout)} ms. Nothing is lost; try again.`,
    {
      timeout: Math.max(0, timeout),
    },
  );

export const abortError = ({ method, awaited }: Purpose, signal: AbortSignal): AbortError =>
  new AbortError(`${method}: waiting for ${awaited} was aborted by its signal.`, { cause: signal.reason });

/** Attempts that wait their turn in the event loop, first come first served. */
export class AttemptQueue {
  readonly #entries = new Fifo<Entry>();
  /** Called when the queue is empty again. */
  readonly #onIdle: () => void;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  get length(): number {
    return this.#entries.length;
  }

  /**
   * Adds an attempt behind the others. It is first made by {@link pump}.
   *
   * @param abandon - frees what the attempt holds, when it is given up without having succeeded
   */
  add<T>(attempt: Attempt<T>, purpose: Purpose, options: WaitOptions | undefined, abandon?: () => void): Promise<T> {
    return waitWithin<T>(options, {
      what: `${purpose.method}: waiting for ${purpose.awaited}`,
      begin: (resolve, reject) => {
        const entry: Entry = { attempt, resolve: resolve as Entry['resolve'], reject, settled: false };
        this.#entries.push(entry);
        return () => {
          if (entry.settled) return;
          this.#remove(entry);
          abandon?.();
        };
      },
      late: () => {
        // It may have come while the event loop was busy with something else.
        this.pump();
        throw timeoutError(purpose, options?.timeout ?? 0);
      },
    });
  }

  /** Makes the attempts in order until one says that it is not yet time. */
  pump(): void {
    for (let entry = this.#entries.shift(); entry !== undefined; entry = this.#entries.shift()) {
      // An attempt may run code of the user, which may come back here: it finds the next one at the head.
      try {
        const value = entry.attempt();
        if (value === NOT_YET) {
          this.#entries.unshift(entry);
          return;
        }
        entry.settled = true;
        entry.resolve(value);
      } catch (error) {
        entry.reject(error);
      }
      if (this.#entries.length === 0) this.#onIdle();
    }
  }

  /** Ends all attempts with an error. */
  rejectAll(error: Error): void {
    for (let entry = this.#entries.first; entry !== undefined; entry = this.#entries.first) {
      this.#remove(entry);
      entry.reject(error);
    }
  }

  /** In a child that was forked: the attempts are the parent's, who goes on making them. */
  forgetAll(): void {
    while (this.#entries.length > 0) this.#entries.shift();
  }

  #remove(entry: Entry): void {
    if (this.#entries.remove(entry) && this.#entries.length === 0) this.#onIdle();
  }
}

interface Entry {
  readonly attempt: Attempt<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** The attempt succeeded: nothing is left to be abandoned. */
  settled: boolean;
}
