import type { AnyArguments } from './options.ts';
import { markOurs } from './ours.ts';
import { Process } from './process.ts';

/** A process that is started by `forkserver`, whatever the default context says. */
export class ForkServerProcess<Params extends AnyArguments = AnyArguments> extends Process<Params> {
  static override readonly startMethod = 'forkserver' as const;
}

markOurs(ForkServerProcess);
