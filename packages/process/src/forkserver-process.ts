import type { AnyArguments } from './options.ts';
import { markOurs } from './ours.ts';
import { Process } from './process.ts';

/**
 * A process that is started by `forkserver`, whatever the default context says.
 *
 * Python: `multiprocessing.context.ForkServerProcess`.
 *
 * @example
 * ```ts
 * const process = new ForkServerProcess({ target: work, args: [1] });
 * ```
 */
export class ForkServerProcess<Params extends AnyArguments = AnyArguments> extends Process<Params> {
  static override readonly startMethod = 'forkserver' as const;
}

markOurs(ForkServerProcess);
