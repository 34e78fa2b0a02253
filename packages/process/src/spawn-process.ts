import type { AnyArguments } from './options.ts';
import { markOurs } from './ours.ts';
import { Process } from './process.ts';

/**
 * A process that is started by `spawn`, whatever the default context says.
 *
 * Python: `multiprocessing.context.SpawnProcess`.
 *
 * @example
 * ```ts
 * const process = new SpawnProcess({ target: work, args: [1] });
 * ```
 */
export class SpawnProcess<Params extends AnyArguments = AnyArguments> extends Process<Params> {
  static override readonly startMethod = 'spawn' as const;
}

markOurs(SpawnProcess);
