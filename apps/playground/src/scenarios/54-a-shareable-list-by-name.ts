/**
 * Two lists over the same memory, in two processes, the second one by its name.
 *
 * From: Python docs, multiprocessing.shared_memory, ShareableList (row 54)
 * Look at: negative positions count from the end.
 *
 * Prints:
 *     ShareableList([ 0, 1, 2, 3, 4 ], name='<word:name>')
 *     ShareableList([ 0, 1, 2, 3, -999 ], name='<word:name>')
 *     -999
 */
import { isMainModule, Process, ShareableList } from '@mp/multiprocessing';

export function changeLast(name: string): void {
  const c = new ShareableList(null, { name });
  console.log(c);
  c.set(-1, -999);
  console.log(c);
  c.shm.close();
}

if (isMainModule(import.meta)) {
  const b = new ShareableList([0, 1, 2, 3, 4]);
  const p = new Process({ target: changeLast, args: [b.shm.name!] });
  await p.start();
  await p.join();
  console.log(b.get(-1));
  b.shm.close();
  b.shm.unlink();
}
