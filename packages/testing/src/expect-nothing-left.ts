import { setImmediate as nextTurn } from 'node:timers/promises';
import { LeakError } from './leak-error.ts';
import { isForeign } from './names.ts';
import { look, type Snapshot, snapshot } from './snapshot.ts';
import { grown, type Trace } from './trace.ts';
import { until } from './until.ts';

/** Something that may stay, and why. */
export interface Allowance {
  /** Matched against the line that would name it in the error, such as `mapping 7f0c…: /memfd:mp-arena (deleted)`. */
  readonly leak: RegExp;
  /** Why it is no leak: who keeps it, and until when. */
  readonly because: string;
}

/** What {@link expectNothingLeft} puts up with. */
export interface LeakOptions {
  /** Milliseconds for events that are on their way (an exit to be reported, memory to be collected). Default: 30000, for a busy
   * machine. */
  readonly limit?: number | undefined;
  /**
   * The names in /dev/shm that are these tests' own, such as `/^psm_/`. Default: none. The folder is common to the whole
   * machine, nobody can tell who has made a name in it, and tests of other packages run beside these.
   */
  readonly sharedMemoryNames?: RegExp | undefined;
  /** What may stay. Default: nothing. */
  readonly allow?: readonly Allowance[] | undefined;
}

/**
 * Collects garbage, and lets the loop turn so that finalizers run: Node calls those of addons from an immediate.
 * Without `--expose-gc` nothing is collected, and memory that only waits for its collection counts as left behind.
 */
async function collect(): Promise<void> {
  globalThis.gc?.();
  await nextTurn();
  await nextTurn();
}

/**
 * Compares with an earlier {@link snapshot} and throws when there is more now than there was.
 *
 * What is about to go gets the chance to: garbage is collected and the loop turns until nothing is left or the limit has
 * passed. When all is well this takes a few milliseconds and no wait.
 *
 * Of names in /dev/shm only those count that `sharedMemoryNames` fits, unless a process outside our family has them
 * mapped.
 *
 * @throws LeakError that names each thing: process with command line, descriptor with target, mapping, name, timer
 *
 * @example
 * ```ts
 * const before = snapshot();
 * const [a, b] = Pipe();
 * a.close();
 * b.close();
 * await expectNothingLeft(before);
 * ```
 */
export async function expectNothingLeft(before: Snapshot, options: LeakOptions = {}): Promise<void> {
  const { limit = 30_000, allow = [], sharedMemoryNames } = options;
  const started = performance.now();
  const left = (): readonly Trace[] =>
    grown(before.traces, look()).filter(
      (trace) => !allow.some(({ leak }) => leak.test(trace.text)) && !isForeign(trace, sharedMemoryNames),
    );
  if (left().length === 0) return;
  let leaks: readonly Trace[] = [];
  const gone = async (): Promise<boolean> => {
    await collect();
    leaks = left();
    return leaks.length === 0;
  };
  try {
    await until(gone, { limit });
  } catch (error) {
    throw leaks.length > 0 ? new LeakError(leaks, performance.now() - started) : error;
  }
}

/**
 * A check for the length of a block.
 *
 * @example
 * ```ts
 * await using _ = leakCheck();
 * ```
 */
export function leakCheck(options: LeakOptions = {}): AsyncDisposable {
  const before = snapshot();
  return { [Symbol.asyncDispose]: () => expectNothingLeft(before, options) };
}
