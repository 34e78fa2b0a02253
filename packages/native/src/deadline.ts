/** The options of everything that waits, in every `@mp` package. */
export interface WaitOptions {
  /** In milliseconds. Default (also for `undefined` and `Infinity`): wait for ever. 0 or less: do not wait. */
  readonly timeout?: number | undefined;
  /** Ends the wait with an `AbortError` whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A point of the monotonic clock by which a wait of several steps has to end.
 *
 * @example
 * ```ts
 * const deadline = Deadline.after(options.timeout);
 * while (!ready()) {
 *   if (deadline.expired) throw new TimeoutError('not ready', { timeout: deadline.timeout });
 *   pollTwoSync(fd, READABLE, -1, 0, deadline.remaining());
 * }
 * ```
 */
export class Deadline {
  /** Does not expire. */
  static readonly never: Deadline = new Deadline(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);

  readonly #at: number;
  readonly #timeout: number;

  private constructor(at: number, timeout: number) {
    this.#at = at;
    this.#timeout = timeout;
  }

  /**
   * @param timeout - milliseconds from now; `undefined` and `Infinity` never, 0 or less expired from the beginning
   * @throws TypeError `ERR_INVALID_ARG_TYPE` for `NaN` and for what is not a number
   */
  static after(timeout: number | undefined): Deadline {
    if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return Deadline.never;
    if (typeof timeout !== 'number' || Number.isNaN(timeout)) throw invalidTimeout(timeout);
    return new Deadline(timeout <= 0 ? Number.NEGATIVE_INFINITY : performance.now() + timeout, timeout);
  }

  /** Whether the time is over. */
  get expired(): boolean {
    return this.#at !== Number.POSITIVE_INFINITY && this.remaining() === 0;
  }

  /** Milliseconds that are left: never negative, `Infinity` if it does not expire. */
  remaining(): number {
    if (!Number.isFinite(this.#at)) return this.#at > 0 ? Number.POSITIVE_INFINITY : 0;
    return Math.max(0, this.#at - performance.now());
  }

  /** What {@link after} was given, for error messages; `Infinity` for `undefined`. */
  get timeout(): number {
    return this.#timeout;
  }
}

function invalidTimeout(timeout: unknown): TypeError {
  const received = typeof timeout === 'number' ? 'NaN' : timeout === null ? 'null' : `type ${typeof timeout}`;
  const error: TypeError & { code?: string } = new TypeError(
    `The "timeout" argument must be a number of milliseconds, not NaN. Received ${received}`,
  );
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}
