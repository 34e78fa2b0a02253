/** How far a call with many items has come. */
export interface Progress {
  /** Items that have a result, or an error. */
  readonly done: number;
  /** All items; undefined if nobody knows how many there will be. */
  readonly total: number | undefined;
}

/** Called in the thread that uses the pool, whenever a chunk has been answered. */
export type OnProgress = (progress: Progress) => void;

/** Counts what is done, and tells it. */
export class Odometer {
  readonly #tell: OnProgress | undefined;
  readonly #total: number | undefined;
  #done = 0;

  constructor(tell: OnProgress | undefined, total: number | undefined) {
    this.#tell = tell;
    this.#total = total;
  }

  advance(items: number): void {
    this.#done += items;
    if (this.#tell === undefined) return;
    try {
      this.#tell({ done: this.#done, total: this.#total });
    } catch (error) {
      // In a turn of its own: the pool and its results must not suffer from it.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
