/**
 * Two processes work on the two halves of a list in shared memory; the manager removes it, whatever happens.
 *
 * From: Python docs, multiprocessing.shared_memory, SharedMemoryManager in a with statement (row 52)
 * Look at: the list is an argument of both processes, and one and the same memory in all three. `finally` takes the place of
 *   `with`; from Node 24 on it may be `await using`.
 * Differs: Python leaves open what the work is. Here each item is squared.
 *
 * Prints:
 *     2664667000
 *     the list was released: true
 */
import { isMainModule, NoSharedMemoryError, Process, ShareableList, SharedMemoryManager } from '@mp/multiprocessing';

export function doWork(sl: ShareableList, start: number, end: number): void {
  for (let i = start; i < end; i++) sl.set(i, (sl.get(i) as number) ** 2);
}

async function totalOf(smm: SharedMemoryManager): Promise<[total: number, name: string]> {
  const sl = await smm.ShareableList(Array.from({ length: 2000 }, (_, i) => i));
  const p1 = new Process({ target: doWork, args: [sl, 0, 1000] });
  const p2 = new Process({ target: doWork, args: [sl, 1000, 2000] });
  await p1.start();
  await p2.start();
  await p1.join();
  await p2.join();
  let total = 0;
  for (const item of sl) total += item as number;
  sl.shm.close();
  return [total, sl.shm.name!];
}

if (isMainModule(import.meta)) {
  const smm = new SharedMemoryManager();
  await smm.start();
  let name: string;
  try {
    let total: number;
    [total, name] = await totalOf(smm);
    console.log(total);
  } finally {
    await smm.shutdown();
  }
  try {
    new ShareableList(null, { name });
  } catch (error) {
    console.log(`the list was released: ${error instanceof NoSharedMemoryError}`);
  }
}
