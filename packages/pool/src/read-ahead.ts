/** Who takes what was read ahead within this time needs more of it: to wake a worker takes a good part of it. */
const SHORT_MS = 1;
/** Who does not within this has more than is needed. */
const LONG_MS = 8;

/** How many items an imap reads ahead of those that were taken, where the user has not said it. */
export class ReadAhead {
  /** So many now. */
  size: number;
  readonly #least: number;
  readonly #most: number;
  #since = performance.now();

  constructor(least: number, most: number) {
    this.size = least;
    this.#least = least;
    this.#most = most;
  }

  /** Half of them were taken, and as many are to be read. */
  halfTaken(): void {
    if (this.#least === this.#most) return;
    const now = performance.now();
    const took = now - this.#since;
    this.#since = now;
    if (took < SHORT_MS) this.size = Math.min(this.size * 2, this.#most);
    else if (took > LONG_MS) this.size = Math.max(this.size >> 1, this.#least);
  }
}
