/**
 * The same program under `spawn` and under `fork`.
 *
 * From: 000
 * Look at: spawn sends a reference to the function and imports the main module again, so a variable has the value that
 *   the module gives it. Fork copies the process as it is: the variable has its present value, nothing is pickled, and a
 *   function that was made a moment ago works too.
 *
 * Prints:
 *     spawn: level 1, imported again: true
 *     fork: level 2, imported again: false
 *     spawn: a function made at run time is refused: PicklingError
 *     fork: a function made at run time says level 2 of 2
 */
import { getContext, isMainModule, PicklingError } from '@mp/multiprocessing';

const importedBy = process.pid;
let level = 1;

export function show(method: string): void {
  console.log(`${method}: level ${level}, imported again: ${importedBy === process.pid}`);
}

if (isMainModule(import.meta)) {
  level = 2;
  const spawn = getContext('spawn');
  const fork = getContext('fork');

  for (const context of [spawn, fork]) {
    const p = new context.Process({ target: show, args: [context.getStartMethod()] });
    await p.start();
    await p.join();
  }

  const captured = level;
  const madeNow = (method: string): void =>
    console.log(`${method}: a function made at run time says level ${level} of ${captured}`);
  try {
    await new spawn.Process({ target: madeNow, args: ['spawn'] }).start();
  } catch (error) {
    if (!(error instanceof PicklingError)) throw error;
    console.log(`spawn: a function made at run time is refused: ${error.name}`);
  }
  const p = new fork.Process({ target: madeNow, args: ['fork'] });
  await p.start();
  await p.join();
}
