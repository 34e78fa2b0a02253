import { inspect } from 'node:util';
import { endInOrder } from './exit.ts';
import { type AtExit, waiting } from './finalizers.ts';

/** What {@link Finalize} is told. */
export interface FinalizeOptions<Args extends readonly unknown[]> {
  /** What the callback is called with. They must not refer to the object, or it is never collected. */
  readonly args?: Args | undefined;
  /**
   * When it is run at the end of the process: higher ones first, of the same priority the latest made first. Those from
   * 0 on are run before children are ended and waited for, negative ones after. Undefined: not at the end.
   */
  readonly exitPriority?: number | undefined;
}

const collected = new FinalizationRegistry<AtExit>((finalize) => finalize.run());

/**
 * Calls a function once: when an object has been collected, when the process ends, or when it is told to, whatever
 * comes first.
 *
 * The process ends by the end of its event loop, `process.exit`, or an error; not by a signal. A process that was
 * forked has none of its parent's.
 *
 * Python: `multiprocessing.util.Finalize`. There the object is called itself; here {@link run} is.
 *
 * @example
 * ```ts
 * const folder = mkdtempSync('/tmp/work-');
 * new Finalize(undefined, rmSync, { args: [folder, { recursive: true }], exitPriority: -100 });
 * ```
 */
export class Finalize<Args extends readonly unknown[] = readonly unknown[], R = unknown> {
  /** Those with a higher one run first at the exit; undefined: it does not run at the exit. */
  readonly exitPriority: number | undefined;
  readonly #creator: number = process.pid;
  #callback: ((...args: Args) => R) | undefined;
  readonly #args: Args;

  /**
   * @param object - whose collection it waits for; undefined: the end of the process only, for which it then needs a
   * priority
   */
  constructor(
    object: object | null | undefined,
    callback: (...args: Args) => R,
    { args = [] as unknown as Args, exitPriority }: FinalizeOptions<Args> = {},
  ) {
    if (exitPriority !== undefined && !Number.isInteger(exitPriority)) {
      throw Object.assign(new TypeError(`Finalize: exitPriority must be an integer, not ${inspect(exitPriority)}.`), {
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
    if ((object === undefined || object === null) && exitPriority === undefined) {
      throw Object.assign(
        new TypeError('Finalize: without an object it would never be run; give it an exitPriority.'),
        {
          code: 'ERR_INVALID_ARG_VALUE',
        },
      );
    }
    this.exitPriority = exitPriority;
    this.#callback = callback;
    this.#args = args;
    if (object) collected.register(object, this, this);
    waiting.add(this);
    endInOrder();
  }

  /** Whether it has yet to be run. */
  get active(): boolean {
    return this.#callback !== undefined && this.#creator === process.pid;
  }

  /** Runs it now. @returns what the callback returns; undefined if it was run before, cancelled, or made elsewhere */
  run(): R | undefined {
    const callback = this.#callback;
    const isOurs = this.#creator === process.pid;
    this.cancel();
    return isOurs ? callback?.(...this.#args) : undefined;
  }

  /** It is never run. */
  cancel(): void {
    this.#callback = undefined;
    collected.unregister(this);
    waiting.delete(this);
  }
}
