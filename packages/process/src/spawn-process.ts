import type { AnyArguments } from './options.ts';
import { OURS, Process } from './process.ts';

/** A process that is started by `spawn`, whatever the default context says. */
export class SpawnProcess<Params extends AnyArguments = AnyArguments> extends Process<Params> {
  static override readonly startMethod = 'spawn' as const;
}
Object.defineProperty(SpawnProcess, OURS, { value: true });
