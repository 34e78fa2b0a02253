/**
 * The memory of a {@link Condition}: who waits, in a table with one slot for each Condition object that has waiters,
 * which is usually one for each process.
 *
 *     word 0   how many slots were ever in use: so far a notifier has to look
 *     word 1   where the next notifier begins to look
 *     slot     IDENTITY, START: of the thread that waits (`ThreadIdentity` of @mp/native); 0: free
 *              TURNS: how many wait there (upper 16 bits), and how many of these are notified and have not gone yet
 *
 * Slots are taken and notified under the lock of the condition; turns are consumed without it. A waiter that is killed
 * leaves a slot that is freed by the notifier who finds nobody to wake there.
 *
 * @module
 */
import { futexWake, identify, isThreadAlive, thisThread, UNKNOWN_START } from '@mp/native';
import { type Attempt, NOT_YET } from './waiting/attempt.ts';

const USED = 0;
const CURSOR = 1;
const FIRST = 8;
const WORDS_PER_SLOT = 4;
const IDENTITY = 0;
const START = 1;
const TURNS = 2;

/** How many processes (in fact Condition objects) may wait at once. */
const SLOTS = 126;
/** How many may wait at once in one of them. */
const MOST_IN_SLOT = 0x7fff;
const ONE_WAITING = 0x1_0000;

export const CONDITION_BYTES: number = (FIRST + SLOTS * WORDS_PER_SLOT) * 4;

const waitingIn = (turns: number): number => turns >>> 16;
const notifiedIn = (turns: number): number => turns & 0xffff;

export class ConditionSlots {
  readonly words: Int32Array;
  /** Where our slot is, while somebody waits in it. */
  #mine: number | undefined;
  /** Which thread that was: a fork's child has no slot. */
  #owner = 0;

  constructor(words: Int32Array) {
    identify();
    this.words = words;
  }

  /** One more waits here, under the lock. False: there is no room. */
  enter(): boolean {
    if (this.#owner !== thisThread.word) this.#mine = undefined;
    this.#owner = thisThread.word;
    this.#mine ??= this.#claim();
    if (this.#mine === undefined) return false;
    if (waitingIn(Atomics.load(this.words, this.#mine + TURNS)) >= MOST_IN_SLOT) return false;
    Atomics.add(this.words, this.#mine + TURNS, ONE_WAITING);
    return true;
  }

  /** The word on which who has entered sleeps. */
  get turnsIndex(): number {
    return (this.#mine as number) + TURNS;
  }

  /** One takes a turn, if there is one, and waits no more. */
  takeTurn(): boolean {
    const at = this.#mine as number;
    for (;;) {
      const turns = Atomics.load(this.words, at + TURNS);
      if (notifiedIn(turns) === 0) return false;
      if (this.#change(at, turns, turns - ONE_WAITING - 1)) return true;
    }
  }

  /** One gives up. True: it was its turn, so that somebody else should get it. */
  leave(): boolean {
    const at = this.#mine as number;
    for (;;) {
      const turns = Atomics.load(this.words, at + TURNS);
      const isTurn = notifiedIn(turns) > 0;
      if (this.#change(at, turns, turns - ONE_WAITING - (isTurn ? 1 : 0))) return isTurn;
    }
  }

  /** Notifies up to so many of those who wait, under the lock. Returns how many. */
  notify(count: number): number {
    const used = this.words[USED] as number;
    const start = this.words[CURSOR] as number;
    let left = count;
    for (let i = 0; i < used && left > 0; i++) {
      const slot = (start + i) % used;
      left -= this.#notifyAt(this.#at(slot), left);
      this.words[CURSOR] = (slot + 1) % used;
    }
    return count - left;
  }

  /** How many wait and are not notified yet. */
  waiting(): number {
    let sum = 0;
    for (let slot = 0; slot < (this.words[USED] as number); slot++) {
      const turns = Atomics.load(this.words, this.#at(slot) + TURNS);
      sum += waitingIn(turns) - notifiedIn(turns);
    }
    return sum;
  }

  #claim(): number | undefined {
    const used = this.words[USED] as number;
    for (let slot = 0; slot < used; slot++) {
      if (this.#claimAt(this.#at(slot))) return this.#at(slot);
    }
    if (used < SLOTS) {
      this.words[USED] = used + 1;
      if (this.#claimAt(this.#at(used))) return this.#at(used);
    }
    for (let slot = 0; slot < used; slot++) {
      const at = this.#at(slot);
      if (this.#freeIfDead(at) && this.#claimAt(at)) return at;
    }
    return undefined;
  }

  #notifyAt(at: number, most: number): number {
    for (;;) {
      const turns = Atomics.load(this.words, at + TURNS);
      const count = Math.min(most, waitingIn(turns) - notifiedIn(turns));
      if (count <= 0) return 0;
      if (Atomics.compareExchange(this.words, at + TURNS, turns, turns + count) !== turns) continue;
      // Where somebody was asleep somebody lives.
      if (futexWake(this.words, at + TURNS, Number.POSITIVE_INFINITY) === 0 && this.#freeIfDead(at)) return 0;
      return count;
    }
  }

  #freeIfDead(at: number): boolean {
    const identity = Atomics.load(this.words, at + IDENTITY);
    if (identity === 0) return true;
    if (isThreadAlive(identity, this.words[at + START] as number)) return false;
    Atomics.store(this.words, at + TURNS, 0);
    this.words[at + START] = UNKNOWN_START;
    return Atomics.compareExchange(this.words, at + IDENTITY, identity, 0) === identity;
  }

  #claimAt(at: number): boolean {
    if (Atomics.compareExchange(this.words, at + IDENTITY, 0, thisThread.word) !== 0) return false;
    this.words[at + START] = thisThread.start;
    Atomics.store(this.words, at + TURNS, 0);
    return true;
  }

  /** Who is the last to go frees the slot. */
  #change(at: number, from: number, to: number): boolean {
    if (Atomics.compareExchange(this.words, at + TURNS, from, to) !== from) return false;
    if (waitingIn(to) === 0) {
      this.#mine = undefined;
      this.words[at + START] = UNKNOWN_START;
      Atomics.store(this.words, at + IDENTITY, 0);
    }
    return true;
  }

  #at(slot: number): number {
    return FIRST + slot * WORDS_PER_SLOT;
  }
}

/** The wait for a turn, by one who has entered. */
export class TurnAttempt implements Attempt<true> {
  readonly what: string;
  readonly words: Int32Array;
  index = 0;
  expected = 0;
  /** It gave up when it was its turn: that has to be passed on. */
  wasTurn = false;
  readonly #slots: ConditionSlots;
  readonly #othersFirst: (() => void) | undefined;

  /** @param othersFirst - lets those of this thread take their turns who have waited longer */
  constructor(what: string, slots: ConditionSlots, othersFirst?: () => void) {
    this.what = what;
    this.words = slots.words;
    this.#slots = slots;
    this.#othersFirst = othersFirst;
  }

  try(): true | typeof NOT_YET {
    for (;;) {
      this.#othersFirst?.();
      if (this.#slots.takeTurn()) return true;
      this.index = this.#slots.turnsIndex;
      this.expected = Atomics.load(this.words, this.index);
      if (notifiedIn(this.expected) === 0) return NOT_YET;
    }
  }

  abandon(): void {
    this.wasTurn = this.#slots.leave();
  }
}
