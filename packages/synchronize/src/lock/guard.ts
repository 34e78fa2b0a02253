/**
 * A lock that is held, and is given back once: by {@link release}, or by `using` where the language has it.
 *
 * @example
 * ```ts
 * const guard = await lock.lock();
 * try {
 *   counter[0] += 1;
 * } finally {
 *   guard.release();
 * }
 * ```
 */
export class Guard {
  #giveBack: (() => void) | undefined;

  /** @internal */
  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  /** Gives the lock back. Idempotent. */
  release(): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}
