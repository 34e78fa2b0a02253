import type { AnyArguments } from './options.ts';
import { OURS, Process } from './process.ts';

/** A process that is started by `forkserver`, whatever the default context says. */
export class ForkServerProcess<Params extends AnyArguments = AnyArguments> extends Process<Params> {
  static override readonly startMethod = 'forkserver' as const;
}
Object.defineProperty(ForkServerProcess, OURS, { value: true });
