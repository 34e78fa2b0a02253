import { type Arrival, type BarrierState, CHANGES, ROUND } from './barrier-state.ts';
import { type Attempt, NOT_YET } from './waiting/attempt.ts';

/** The wait until one may take part: the last round's action has to end, and its parties have to leave. */
export class ArrivalAttempt implements Attempt<Arrival> {
  readonly what = 'Barrier.wait: waiting for the last round to end';
  readonly words: Int32Array;
  readonly index: number = CHANGES;
  expected = 0;
  readonly #state: BarrierState;

  constructor(state: BarrierState) {
    this.words = state.words;
    this.#state = state;
  }

  try(patrol: boolean): Arrival | typeof NOT_YET {
    this.expected = Atomics.load(this.words, CHANGES);
    const arrival = this.#state.tryExclusively(() => {
      // Whoever runs the action may be dead.
      if (patrol) this.#state.buryDead();
      return this.#state.arrive();
    });
    return arrival?.value ?? NOT_YET;
  }

  abandon(): void {
    this.#state.exclusively(() => this.#state.break());
  }
}

/** The wait until all have arrived. */
export class RoundAttempt implements Attempt<true> {
  readonly what = 'Barrier.wait: waiting for the other parties';
  readonly words: Int32Array;
  readonly index: number = ROUND;
  expected = 0;
  readonly #state: BarrierState;
  readonly #slot: number;
  #hasPassed = false;

  constructor(state: BarrierState, slot: number) {
    this.words = state.words;
    this.#state = state;
    this.#slot = slot;
  }

  /** @throws BrokenBarrierError */
  try(patrol: boolean): true | typeof NOT_YET {
    this.expected = Atomics.load(this.words, ROUND);
    if (this.#state.verdict(this.#slot)) return true;
    if (patrol) this.#state.tryExclusively(() => this.#state.buryDead());
    // If somebody had died, the round is another one now: who sleeps on this one wakes up at once.
    return NOT_YET;
  }

  abandon(): void {
    this.#hasPassed = this.#state.exclusively(() => this.#state.giveUp(this.#slot));
  }

  /** When it was given up it had passed together with all others, since the last try. */
  get hasPassed(): boolean {
    return this.#hasPassed;
  }
}
