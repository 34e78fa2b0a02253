/**
 * A lock that each module makes for itself is another one in each process; one that is an argument is the same in all.
 *
 * From: Python docs, Guidelines: explicitly pass resources to child processes (row 42)
 * Look at: the parent holds both locks. Only the one that was passed is locked in the child.
 *
 * Prints:
 *     a lock of the module: free
 *     the lock that was passed: locked
 */
import { isMainModule, Lock, Process } from '@mp/multiprocessing';

/** Made anew by each process that imports this module by `spawn`. */
const own = new Lock();

export function look(passed: Lock): void {
  console.log(`a lock of the module: ${own.locked() ? 'locked' : 'free'}`);
  console.log(`the lock that was passed: ${passed.locked() ? 'locked' : 'free'}`);
}

if (isMainModule(import.meta)) {
  const passed = new Lock();
  await own.acquire();
  await passed.acquire();
  const p = new Process({ target: look, args: [passed] });
  await p.start();
  await p.join();
  passed.release();
  own.release();
}
