import type { AnyArguments } from './options.ts';
import { markOurs } from './ours.ts';
import { Process } from './process.ts';

/** A process that is started by `fork`, whatever the default context says. */
export class ForkProcess<Params extends AnyArguments = AnyArguments> extends Process<Params> {
  static override readonly startMethod = 'fork' as const;
}

markOurs(ForkProcess);
