import { Deadline, futexWait, thisThread, type WaitOptions, waitWithin } from '@mp/native';
import { type Attempt, LATE, NOT_YET } from './attempt.ts';
import { firstSlice, nextSlice } from './slice.ts';

/** How often a thread hands on what it has to its own promises, before others have the same chance. */
const HANDED_ON = 32;

/**
 * The promises that wait for one object in this thread: a line, first come first served. The first one tries, and one
 * native wait sleeps for it, however many there are behind it.
 *
 *     add ─▶ [ first │ second │ third … ]
 *               │ try() fails: nap on attempt.words[attempt.index]
 *               ▼
 *     woken, changed, or a slice has passed ─▶ try() again; succeeded: the next one tries at once
 */
export class Line {
  #entries: Entry[] = [];
  #nap: Nap | undefined;
  #slice = firstSlice;
  #handedOn = 0;
  /** Whose line it is: after a fork the promises of the parent are not ours. */
  #owner = 0;

  /** Whether nobody waits: who comes need not stand in line. */
  get isEmpty(): boolean {
    return this.#entries.length === 0 || this.#owner !== thisThread.word;
  }

  /**
   * What they wait for was given back here. The first one tries in a moment, without a wake-up by the system; but not
   * for ever, since those of other processes want it, too.
   */
  givenBack(): void {
    if (this.isEmpty || this.#handedOn++ % HANDED_ON === HANDED_ON - 1) return;
    queueMicrotask(() => {
      if (!this.isEmpty) this.pump();
    });
  }

  /**
   * Tries until it succeeds or the time is over.
   *
   * @returns rejects with what the attempt throws, and with AbortError
   */
  add<T>(attempt: Attempt<T>, options: WaitOptions | undefined): Promise<T | typeof LATE> {
    if (this.#owner !== thisThread.word) this.#begin();
    if (Deadline.after(options?.timeout).expired) return this.#once(attempt, options);
    return waitWithin<T | typeof LATE>(options, {
      what: attempt.what,
      begin: (resolve, reject) => {
        const entry: Entry = { attempt, resolve: resolve as Entry['resolve'], reject, settled: false };
        this.#entries.push(entry);
        // Also when there are others: a sleep of theirs may have been in vain.
        this.pump();
        return () => this.#remove(entry);
      },
      late: () => {
        // It may have come while the event loop was busy with something else; then this is heard no more.
        this.pump();
        return LATE;
      },
    });
  }

  /** Lets the first ones try, until one has to wait. */
  pump(patrol = false): void {
    if (this.#owner !== thisThread.word) this.#begin();
    for (let first = this.#entries[0]; first !== undefined; first = this.#entries[0]) {
      try {
        const value = first.attempt.try(patrol);
        if (value === NOT_YET) {
          this.#sleep(first.attempt);
          return;
        }
        this.#settle(first);
        first.resolve(value);
      } catch (error) {
        this.#settle(first);
        first.reject(error);
      }
      patrol = false;
    }
    this.#wakeUp();
  }

  #begin(): void {
    this.#owner = thisThread.word;
    this.#entries = [];
    this.#nap = undefined;
  }

  async #once<T>(attempt: Attempt<T>, options: WaitOptions | undefined): Promise<T | typeof LATE> {
    return waitWithin<T | typeof LATE>(
      { signal: options?.signal },
      {
        what: attempt.what,
        begin: (resolve, reject) => {
          try {
            const value = attempt.try(true);
            if (value === NOT_YET) attempt.abandon();
            resolve(value === NOT_YET ? LATE : value);
          } catch (error) {
            reject(error);
          }
          return () => {};
        },
        late: () => LATE,
      },
    );
  }

  #settle(entry: Entry): void {
    entry.settled = true;
    this.#entries.shift();
  }

  /** Gives up: by time-out or signal. Also called when it has succeeded. */
  #remove(entry: Entry): void {
    if (entry.settled) return;
    entry.settled = true;
    const place = this.#entries.indexOf(entry);
    if (place < 0) return;
    this.#entries.splice(place, 1);
    entry.attempt.abandon();
    if (place === 0) this.pump();
  }

  #sleep({ words, index, expected }: Attempt<unknown>): void {
    const before = this.#nap;
    if (before !== undefined && before.index === index && before.expected === expected) return;
    before?.controller.abort();
    const nap: Nap = { index, expected, controller: new AbortController() };
    this.#nap = nap;
    const { signal } = nap.controller;
    futexWait(words, index, expected, { timeout: this.#slice, signal }).then(
      (result) => {
        if (this.#nap !== nap) return;
        this.#nap = undefined;
        const patrol = result === 'timed-out';
        this.#slice = patrol ? nextSlice(this.#slice) : firstSlice;
        this.pump(patrol);
      },
      (error: unknown) => {
        if (this.#nap !== nap) return;
        this.#nap = undefined;
        for (const entry of this.#entries.splice(0)) {
          entry.settled = true;
          entry.attempt.abandon();
          entry.reject(error);
        }
      },
    );
  }

  #wakeUp(): void {
    this.#nap?.controller.abort();
    this.#nap = undefined;
    this.#slice = firstSlice;
  }
}

interface Entry {
  readonly attempt: Attempt<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
}

interface Nap {
  readonly index: number;
  readonly expected: number;
  readonly controller: AbortController;
}
