import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

/** How long {@link until} may wait, and what for. */
export interface UntilOptions {
  /** Milliseconds until it gives up. Default: 30000. */
  readonly limit?: number | undefined;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What is waited for, for the message of the error: "the child to be gone". */
  readonly what?: string | undefined;
}

/** So many turns of the loop come at once; a wait that is longer than that is worth a processor's rest in between. */
const EAGER_TURNS = 50;
const LONGEST_PAUSE = 10;

/**
 * Lets the event loop turn until `predicate` returns something truthy, and returns that.
 *
 * For what announces itself by no event, such as an entry of /proc. It looks once before the first turn, and once more
 * when the limit has passed.
 *
 * @param predicate - asked again and again, never twice at once; what it throws ends the wait
 * @throws Error when the limit passes; the signal's reason when it is aborted
 *
 * @example
 * ```ts
 * await until(() => !existsSync(`/proc/${pid}`), { what: `process ${pid} to be gone` });
 * ```
 */
export async function until<T>(predicate: () => T | Promise<T>, options: UntilOptions = {}): Promise<T & {}> {
  const { limit = 30_000, signal, what = String(predicate) } = options;
  const end = performance.now() + limit;
  for (let turn = 0; ; turn++) {
    signal?.throwIfAborted();
    const late = performance.now() >= end;
    const value = await predicate();
    if (value) return value;
    if (late) throw new Error(`Waited ${limit} ms in vain for ${what}`);
    if (turn < EAGER_TURNS) await nextTurn();
    else await pause(Math.min(LONGEST_PAUSE, turn - EAGER_TURNS), undefined, { signal }).catch(() => {});
  }
}
