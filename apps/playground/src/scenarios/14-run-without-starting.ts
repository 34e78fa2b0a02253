/**
 * `run()` is what a process does; called by hand it does so here, and no process is started.
 *
 * From: Python docs, Process.run (row 14)
 * Look at: any iterable of arguments is taken that TypeScript takes for a list of them, frozen ones too.
 * Differs: Python shows that `args` may be a list and a tuple; JavaScript's tuple is a read-only array.
 *
 * Prints:
 *     1
 *     1
 *     children: 0
 */
import { activeChildren, isMainModule, Process } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const withArray = new Process({ target: console.log, args: [1] });
  withArray.run();
  const withTuple = new Process({ target: console.log, args: Object.freeze([1] as const) });
  withTuple.run();
  console.log(`children: ${activeChildren().length}`);
}
