import type { AnyArguments } from './options.ts';
import { markOurs } from './ours.ts';
import { Process } from './process.ts';

/**
 * A process that is started by `fork`, whatever the default context says.
 *
 * Python: `multiprocessing.context.ForkProcess`.
 *
 * @example
 * ```ts
 * const process = new ForkProcess({ target: work, args: [1] });
 * ```
 */
export class ForkProcess<Params extends AnyArguments = AnyArguments> extends Process<Params> {
  static override readonly startMethod = 'fork' as const;
}

markOurs(ForkProcess);
