/**
 * The memory of a {@link Barrier}, and what may happen to it.
 *
 *     words 0, 1   the HolderLock that guards all of it, for microseconds
 *     ROUND        counts what ended a round: all have passed, or it broke. Waiters sleep on it.
 *     PHASE        FILLING; ACTION: all are there and the last one runs the action; BROKEN
 *     INTENT       PASS or BREAK, while a round is being ended: whoever finds it finishes what a killed one has begun
 *     CHANGES      counts departures and ends of rounds: who cannot arrive yet sleeps on it
 *     slots        one for each waiter: identity and start (`ThreadIdentity` of @mp/native), and its verdict
 *
 * A waiter is told its verdict in its own slot and frees that itself, so that it may be arbitrarily slow to look. There
 * are twice as many slots as parties; who finds none waits until the slow of the last rounds have left, as in Python.
 *
 * @module
 */
import { futexWaitSync, futexWake, HolderLock, identify, isThreadAlive, thisThread, threadOf } from '@mp/native';
import { BrokenBarrierError } from './errors.ts';

const LOCK = 0;
export const ROUND = 2;
const PHASE = 3;
const INTENT = 4;
/** Counts departures and ends of rounds: who cannot arrive yet sleeps on it. */
export const CHANGES = 5;
const FIRST = 8;

const WORDS_PER_SLOT = 4;
const IDENTITY = 0;
const START = 1;
const VERDICT = 2;

const FILLING = 0;
const ACTION = 1;
const BROKEN = 2;

/** What a waiter is told; 0: it still waits. Also the INTENT. */
const PASS = 1;
const BREAK = 2;

/** Who arrives looks at all slots: more of them would take seconds. */
export const MOST_PARTIES = 10_000;

export const barrierBytes = (parties: number): number => (FIRST + parties * 2 * WORDS_PER_SLOT) * 4;

/** What arriving came to. */
export interface Arrival {
  readonly slot: number;
  readonly index: number;
  /** All are there, and this one is to run the action and then to call {@link BarrierState.pass}. */
  readonly isLast: boolean;
}

export class BarrierState {
  readonly words: Int32Array;
  readonly #parties: number;

  constructor(words: Int32Array, parties: number) {
    identify();
    this.words = words;
    this.#parties = parties;
  }

  /**
   * Does something with all of it to itself.
   *
   * @returns undefined when somebody alive has it: try again in a moment
   */
  tryExclusively<T>(action: () => T): { readonly value: T } | undefined {
    const lock = new HolderLock(this.words, LOCK);
    if (!lock.tryAcquire()) return undefined;
    try {
      // Somebody was killed in the middle of it.
      const intent = this.words[INTENT];
      if (intent === PASS || intent === BREAK) this.#end(intent);
      return { value: action() };
    } finally {
      lock.release();
    }
  }

  /** The same, waiting for the microseconds that somebody else may take. */
  exclusively<T>(action: () => T): T {
    for (;;) {
      const done = this.tryExclusively(action);
      if (done !== undefined) return done.value;
      futexWaitSync(this.words, LOCK, Atomics.load(this.words, LOCK), 1);
    }
  }

  /**
   * Takes part in the round. Exclusively.
   *
   * @returns undefined when there is no slot, or an action runs
   * @throws BrokenBarrierError
   */
  arrive(): Arrival | undefined {
    if (this.phase === BROKEN) throw new BrokenBarrierError(BROKEN_BEFORE);
    if (this.phase === ACTION) return undefined;
    const index = this.waiting();
    const isLast = index === this.#parties - 1;
    // Nobody passes together with the dead.
    if (isLast && this.buryDead() !== undefined) throw new BrokenBarrierError(BROKEN_BEFORE);
    const slot = this.#findSlot();
    if (slot === undefined) return undefined;
    const { words } = this;
    words[slot + START] = thisThread.start;
    words[slot + VERDICT] = 0;
    Atomics.store(words, slot + IDENTITY, thisThread.word);
    if (isLast) words[PHASE] = ACTION;
    return { slot, index, isLast };
  }

  /** All pass who are waiting. Exclusively. False: it was broken meanwhile. */
  pass(): boolean {
    if (this.phase !== ACTION) return false;
    this.#end(PASS);
    return true;
  }

  /** Nobody passes, and nobody will until {@link reset}. Exclusively. */
  break(): void {
    this.#end(BREAK);
  }

  /** Whoever waits is told that it is broken; then it is as new. Exclusively. */
  reset(): void {
    if (this.phase !== BROKEN) this.#end(BREAK);
    this.words[PHASE] = FILLING;
  }

  /** Exclusively. Breaks the barrier if one of those who wait has died, and returns who that was. */
  buryDead(): number | undefined {
    if (this.phase === BROKEN) return undefined;
    for (const slot of this.#slots()) {
      const identity = this.words[slot + IDENTITY] as number;
      if (identity === 0 || this.words[slot + VERDICT] !== 0) continue;
      if (isThreadAlive(identity, this.words[slot + START] as number)) continue;
      this.#end(BREAK);
      return threadOf(identity);
    }
    return undefined;
  }

  /**
   * What one who waits was told; it is not waiting any more then.
   *
   * @throws BrokenBarrierError
   */
  verdict(slot: number): boolean {
    const verdict = Atomics.load(this.words, slot + VERDICT);
    if (verdict === 0) return false;
    this.#depart(slot);
    if (verdict === PASS) return true;
    throw new BrokenBarrierError(
      'Barrier.wait: the barrier broke: a party died, was late or gave up, its action failed, or somebody called abort() or reset(). Find out why, and call reset() to use it again.',
    );
  }

  /**
   * One who waits gives up, so that nobody can pass. Exclusively.
   *
   * @returns true: all have passed already, and so has this one
   */
  giveUp(slot: number): boolean {
    const verdict = Atomics.load(this.words, slot + VERDICT);
    if (verdict === 0) this.#end(BREAK);
    this.#depart(slot);
    return verdict === PASS;
  }

  private get phase(): number {
    return this.words[PHASE] as number;
  }

  get isBroken(): boolean {
    return this.phase === BROKEN;
  }

  /** How many wait. */
  waiting(): number {
    let count = 0;
    for (const slot of this.#slots()) {
      if (this.words[slot + IDENTITY] !== 0 && this.words[slot + VERDICT] === 0) count++;
    }
    return count;
  }

  /** In this order, and twice does no harm: somebody may be killed at any point of it. */
  #end(verdict: typeof PASS | typeof BREAK): void {
    const { words } = this;
    words[INTENT] = verdict;
    for (const slot of this.#slots()) {
      if (words[slot + IDENTITY] !== 0 && words[slot + VERDICT] === 0) Atomics.store(words, slot + VERDICT, verdict);
    }
    words[PHASE] = verdict === PASS ? FILLING : BROKEN;
    Atomics.add(words, ROUND, 1);
    Atomics.add(words, CHANGES, 1);
    words[INTENT] = 0;
    futexWake(words, ROUND, Number.POSITIVE_INFINITY);
    futexWake(words, CHANGES, Number.POSITIVE_INFINITY);
  }

  #depart(slot: number): void {
    Atomics.store(this.words, slot + IDENTITY, 0);
    Atomics.add(this.words, CHANGES, 1);
    futexWake(this.words, CHANGES, Number.POSITIVE_INFINITY);
  }

  /** A free one, or one whose owner died after it was told. */
  #findSlot(): number | undefined {
    const { words } = this;
    for (const slot of this.#slots()) {
      if (words[slot + IDENTITY] === 0) return slot;
    }
    for (const slot of this.#slots()) {
      const isTold = words[slot + VERDICT] !== 0;
      if (isTold && !isThreadAlive(words[slot + IDENTITY] as number, words[slot + START] as number)) return slot;
    }
    return undefined;
  }

  *#slots(): Generator<number> {
    for (let i = 0; i < this.#parties * 2; i++) yield FIRST + i * WORDS_PER_SLOT;
  }
}

const BROKEN_BEFORE =
  'Barrier.wait: the barrier is broken: a party died, was late or gave up, its action failed, or somebody called abort(). Find out why, and call reset() to use it again.';
