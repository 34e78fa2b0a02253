import type { AnyArguments } from './options.ts';
import { markOurs } from './ours.ts';
import { Process } from './process.ts';

/** A process that is started by `spawn`, whatever the default context says. */
export class SpawnProcess<Params extends AnyArguments = AnyArguments> extends Process<Params> {
  static override readonly startMethod = 'spawn' as const;
}

markOurs(SpawnProcess);
