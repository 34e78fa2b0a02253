import { inspect } from 'node:util';
import { atFork } from '@mp/native';

/** Something that is to be done once. */
export interface AtExit {
  /** When at the end of the process; undefined: not then. */
  readonly exitPriority: number | undefined;
  run(): unknown;
}

/** What is left to be done, in the order in which it was made. */
export const waiting: Set<AtExit> = new Set();

// In a forked child: what is to be done belongs to the parent.
atFork({ child: () => waiting.clear() });

/** Runs those with a priority of at least `lowest`. What they throw is printed, and the others are run. */
export function runFinalizers(lowest: number = Number.NEGATIVE_INFINITY): void {
  // The order of equals is kept by the sort: the latest made comes first.
  const due = [...waiting].filter(({ exitPriority }) => exitPriority !== undefined && exitPriority >= lowest).reverse();
  due.sort((a, b) => (b.exitPriority ?? 0) - (a.exitPriority ?? 0));
  for (const finalize of due) {
    try {
      finalize.run();
    } catch (error) {
      process.stderr.write(`A finalizer failed: ${inspect(error)}\n`);
    }
  }
}
