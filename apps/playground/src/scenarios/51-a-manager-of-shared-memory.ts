/**
 * A manager that makes shared memory, and unlinks all of it in the end.
 *
 * From: Python docs, multiprocessing.shared_memory, SharedMemoryManager (row 51)
 * Look at: what it gives is the memory itself, no proxies. After `shutdown` nobody finds the names any more; whoever has the
 *   memory attached keeps it until it is closed.
 *
 * Prints:
 *     ShareableList([ 0, 1, 2, 3 ], name='<word:first>')
 *     128
 *     ShareableList([ 'a', 'l', 'p', 'h', 'a' ], name='<word:another>')
 *     all three can be found by their names: true
 *     NoSharedMemoryError
 *     NoSharedMemoryError
 *     NoSharedMemoryError
 *     still attached here: [ 0, 1, 2, 3 ]
 */
import { isMainModule, NoSharedMemoryError, SharedMemory, SharedMemoryManager } from '@mp/multiprocessing';

function isThere(name: string): boolean {
  const memory = new SharedMemory({ name });
  memory.close();
  return true;
}

if (isMainModule(import.meta)) {
  const smm = new SharedMemoryManager();
  await smm.start();
  const sl = await smm.ShareableList([0, 1, 2, 3]);
  console.log(sl);
  const rawShm = await smm.SharedMemory(128);
  console.log(rawShm.size);
  const anotherSl = await smm.ShareableList('alpha');
  console.log(anotherSl);

  const all = [sl.shm, rawShm, anotherSl.shm];
  console.log(`all three can be found by their names: ${all.every(({ name }) => isThere(name!))}`);
  await smm.shutdown();
  for (const { name } of all) {
    try {
      isThere(name!);
    } catch (error) {
      if (!(error instanceof NoSharedMemoryError)) throw error;
      console.log(error.name);
    }
  }
  console.log('still attached here:', [...sl]);
  for (const memory of all) memory.close();
}
