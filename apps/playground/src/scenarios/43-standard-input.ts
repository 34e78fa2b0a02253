/**
 * The standard input of a child is empty: it does not take from its parent what somebody types.
 *
 * From: Python docs, Guidelines: beware of replacing sys.stdin with a file-like object (row 43)
 * Look at: the child comes to the end of its standard input at once. There is no buffer that parent and child could share
 *   by mistake, so the cache with a process id of the Python docs is not needed.
 *
 * Prints:
 *     the child read 0 bytes, and then the end
 */
import { readFileSync } from 'node:fs';
import { isMainModule, Process } from '@mp/multiprocessing';

export function readEverything(): void {
  console.log(`the child read ${readFileSync(0).length} bytes, and then the end`);
}

if (isMainModule(import.meta)) {
  const child = new Process({ target: readEverything });
  await child.start();
  await child.join();
}
