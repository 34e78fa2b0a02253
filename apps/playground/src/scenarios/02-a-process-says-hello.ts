/**
 * A function runs in a process of its own.
 *
 * From: Python docs, The Process class (row 2); 002, 003
 * Look at: the arguments are checked against the parameters of the target; try `args: [42]`.
 *
 * Prints:
 *     hello bob
 */
import { isMainModule, Process } from '@mp/multiprocessing';

export function greet(name: string): void {
  console.log(`hello ${name}`);
}

if (isMainModule(import.meta)) {
  const child = new Process({ target: greet, args: ['bob'] });
  await child.start();
  await child.join();
}
