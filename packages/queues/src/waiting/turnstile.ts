import type { SyncWaitOptions } from '@mp/connection';
import { Fifo, Spin } from '@mp/connection/internal';
import { AbortError, DeadlockError } from '@mp/errors';
import { Deadline, type WaitOptions, waitWithin } from '@mp/native';
import { type Attempt, CONTENDED, hasSucceeded, NOT_YET, type Purpose, type Unsuccessful } from './attempt.ts';
import type { Bell } from './bell.ts';

/** How long somebody else may need to copy one record, if the system has interrupted it. */
const CONTENDED_MS = 1;
/** How often to try in spite of that when there is no time to wait: it takes at least 30 ms, if nobody is ever done. */
const MOST_ATTEMPTS = 200;

/** What changes when it is worth trying again: a word of shared memory. */
export interface Watched {
  readonly words: Int32Array;
  readonly index: number;
  /** What the word is while trying is in vain. */
  inVain(): number;
}

/** What an attempt holds. */
export interface Effort {
  /** It has to wait: what belongs to the caller is copied. */
  hold(): void;
  /** It was given up. Not called if it succeeded. */
  abandon(): void;
}

/** Where the callers of this thread wait for one thing of a queue, first come first served: messages, or room. */
export class Turnstile {
  readonly #bell: Bell;
  readonly #watched: Watched;
  readonly #entries = new Fifo<Entry>();
  readonly #spin = new Spin();
  /** Of the sleep in the event loop, if there is one. */
  #sleep: AbortController | undefined;

  constructor(bell: Bell, watched: Watched) {
    this.#bell = bell;
    this.#watched = watched;
  }

  /** How many wait in the event loop. */
  get length(): number {
    return this.#entries.length;
  }

  /**
   * Succeeds now, or in the event loop later.
   *
   * @param effort - what is held for the attempt
   */
  pass<T>(attempt: Attempt<T>, purpose: Purpose, options?: WaitOptions, effort?: Effort): Promise<Awaited<T>> {
    const { signal, timeout } = options ?? {};
    try {
      const deadline = Deadline.after(timeout);
      if (signal?.aborted) throw abortError(purpose, signal);
      if (this.#entries.length === 0) {
        let outcome = attempt();
        if (outcome === NOT_YET && !deadline.expired && this.#look()) outcome = attempt();
        for (let i = 0; outcome === CONTENDED && deadline.expired && i < MOST_ATTEMPTS; i++) outcome = attempt();
        if (hasSucceeded(outcome)) return Promise.resolve(outcome);
      }
      if (deadline.expired) throw purpose.late(purpose.method, timeout ?? 0);
      effort?.hold();
      return this.#add(attempt, purpose, options, effort) as Promise<Awaited<T>>;
    } catch (error) {
      effort?.abandon();
      return Promise.reject(error);
    }
  }

  /**
   * Succeeds, blocking the thread. Those who wait in the event loop of this thread come first.
   *
   * @param inVain - what to say if nobody but this thread could ever make it succeed; undefined: somebody can
   */
  passSync<T>(
    attempt: Attempt<T>,
    purpose: Purpose,
    options: SyncWaitOptions | undefined,
    inVain: () => string | undefined,
  ): T {
    const deadline = Deadline.after(options?.timeout);
    if (this.#entries.length === 0) {
      const outcome = attempt();
      if (hasSucceeded(outcome)) return outcome;
    }
    let announced = false;
    let late = 0;
    for (;;) {
      const outcome = this.#attemptInTurn(attempt);
      if (hasSucceeded(outcome)) return outcome;
      // Each attempt waits for a moment until others are done with theirs: this is no busy loop.
      if (outcome === CONTENDED && (!deadline.expired || ++late < MOST_ATTEMPTS)) continue;
      if (deadline.expired) throw purpose.late(purpose.method, options?.timeout ?? 0);
      if (announced) {
        this.#sleepSync(deadline.remaining());
        announced = false;
        continue;
      }
      if (this.#look()) continue;
      if (deadline.remaining() === Number.POSITIVE_INFINITY) {
        const message = inVain();
        if (message !== undefined) {
          // Whoever was the last to have it may have made it succeed after our attempt, and left.
          const last = this.#attemptInTurn(attempt);
          if (hasSucceeded(last)) return last;
          if (last === CONTENDED) continue;
          throw new DeadlockError(`${purpose.method} would wait for ever: ${message}`);
        }
      }
      this.#bell.announceSleep();
      announced = true;
    }
  }

  /** Makes the attempts in order until one does not succeed. Returns whether that one was contended. */
  pump(): boolean {
    for (let entry = this.#entries.shift(); entry !== undefined; entry = this.#entries.shift()) {
      // An attempt may run code of the user, which may come back here: it finds the next one at the head.
      try {
        const outcome = entry.attempt();
        if (!hasSucceeded(outcome)) {
          this.#entries.unshift(entry);
          return outcome === CONTENDED;
        }
        entry.settled = true;
        entry.resolve(outcome);
      } catch (error) {
        // It is abandoned.
        entry.reject(error);
      }
    }
    this.#rest();
    return false;
  }

  /** Ends all attempts with an error. */
  rejectAll(error: Error): void {
    for (let entry = this.#entries.first; entry !== undefined; entry = this.#entries.first) entry.reject(error);
  }

  /** This is another process now: those who wait are waited for in the parent. */
  forget(): void {
    for (let entry = this.#entries.shift(); entry !== undefined; entry = this.#entries.shift()) entry.settled = true;
    this.#sleep = undefined;
  }

  #add<T>(attempt: Attempt<T>, purpose: Purpose, options?: WaitOptions, effort?: Effort): Promise<T> {
    const waiting = waitWithin<T>(options, {
      what: `${purpose.method}: waiting for ${purpose.awaited}`,
      begin: (resolve, reject) => {
        const entry: Entry = { attempt, resolve: resolve as Entry['resolve'], reject, settled: false };
        this.#entries.push(entry);
        return () => {
          if (entry.settled) return;
          entry.settled = true;
          if (this.#entries.remove(entry) && this.#entries.length === 0) this.#rest();
          effort?.abandon();
        };
      },
      late: () => {
        // It may have come while the event loop was busy with something else.
        this.pump();
        throw purpose.late(purpose.method, options?.timeout ?? 0);
      },
    });
    this.#sleepInLoop();
    return waiting;
  }

  /** After those who wait in the event loop. */
  #attemptInTurn<T>(attempt: Attempt<T>): T | Unsuccessful {
    this.pump();
    return this.#entries.length === 0 ? attempt() : NOT_YET;
  }

  #look(): boolean {
    const { words, index } = this.#watched;
    return this.#spin.until(words, index, this.#watched.inVain());
  }

  #sleepSync(timeout: number): void {
    const began = performance.now();
    this.#bell.sleepSync(timeout);
    this.#spin.slept(performance.now() - began);
    // Others may sleep on, and were announced by the word that our waking has cleared.
    this.#bell.announceSleep();
  }

  /** Sleeps until there may be something for those who wait, and again and again until nobody does. */
  #sleepInLoop(): void {
    if (this.#sleep !== undefined || this.#entries.length === 0) return;
    this.#bell.announceSleep();
    const contended = this.pump();
    // The attempts may have begun a sleep of their own.
    if (this.#sleep !== undefined || this.#entries.length === 0) return;
    const sleep = new AbortController();
    this.#sleep = sleep;
    const timeout = contended ? CONTENDED_MS : Number.POSITIVE_INFINITY;
    const wake = (): void => {
      if (this.#sleep !== sleep) return;
      this.#sleep = undefined;
      this.#sleepInLoop();
    };
    this.#bell.sleep(timeout, sleep.signal).then(wake, wake);
  }

  /** Nobody waits in the event loop any more: it may end. */
  #rest(): void {
    const sleep = this.#sleep;
    this.#sleep = undefined;
    sleep?.abort();
  }
}

interface Entry {
  readonly attempt: Attempt<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Nothing is left to be abandoned. */
  settled: boolean;
}

const abortError = ({ method, awaited }: Purpose, signal: AbortSignal): AbortError =>
  new AbortError(`${method}: waiting for ${awaited} was aborted by its signal.`, { cause: signal.reason });
