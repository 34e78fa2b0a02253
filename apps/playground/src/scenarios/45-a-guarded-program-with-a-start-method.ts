/**
 * The program of row 44 as it should be: guarded, with its start method set in the guard.
 *
 * From: Python docs, Guidelines: safe importing of main module (row 45)
 * Look at: `setStartMethod` belongs into the guard, too. Children keep the method that they were started with.
 *
 * Prints:
 *     hello
 */
import { isMainModule, Process, setStartMethod } from '@mp/multiprocessing';

export function foo(): void {
  console.log('hello');
}

if (isMainModule(import.meta)) {
  setStartMethod('spawn');
  const p = new Process({ target: foo });
  await p.start();
}
