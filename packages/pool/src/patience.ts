/** How long answers may follow each other before timers and sockets get their turn. */
const TURN_MS = 1;
/** How many answers are not looked for at the most, after all looks in vain. */
const MOST_SKIPPED = 512;

/**
 * Waits for an answer by looking for it, as soon as the code that asked for it has nothing more to do.
 *
 * A short task is answered in 3 µs, and falling asleep in the event loop and being woken takes 20. But answers that are
 * handed over like this run in microtasks, and a loop of calls would keep everything else waiting: so only for a moment
 * in each turn of the event loop.
 *
 * Where the worker needs longer, or has to wait for our core, a look is a waste: each one in vain doubles the number of
 * answers that are not looked for.
 */
export class Patience {
  readonly #look: () => boolean;
  #ends = 0;
  #penalty = 0;
  #skip = 0;
  #turn: NodeJS.Immediate | undefined;
  #soon = false;

  /** @param look - looks for the answer, and says whether it was there */
  constructor(look: () => boolean) {
    this.#look = look;
  }

  wait(): void {
    if (this.#soon || this.#skip-- > 0) return;
    this.#soon = true;
    queueMicrotask(this.#wait);
  }

  readonly #wait = (): void => {
    this.#soon = false;
    const now = performance.now();
    if (this.#turn === undefined) {
      this.#ends = now + TURN_MS;
      this.#turn = setImmediate(this.#nextTurn).unref();
    }
    if (now < this.#ends) this.#learn(this.#look());
  };

  #learn(found: boolean): void {
    this.#penalty = found ? this.#penalty >> 1 : Math.min(this.#penalty * 2 + 1, MOST_SKIPPED);
    this.#skip = found ? 0 : this.#penalty;
  }

  readonly #nextTurn = (): void => {
    this.#turn = undefined;
  };
}
