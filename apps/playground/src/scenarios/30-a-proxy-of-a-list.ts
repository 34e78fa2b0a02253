/**
 * A proxy is used like the list that it stands for.
 *
 * From: Python docs, Proxy objects (row 30)
 * Look at: printing a proxy shows that it is one; `describe` asks the server how the list looks.
 * Differs: Python's `str(l)` is such a question, too; printing asks nobody here. The proxy's address in memory is not told.
 *
 * Prints:
 *     [
 *        0,  1,  4,  9, 16,
 *       25, 36, 49, 64, 81
 *     ]
 *     <ListProxy object, typeid 'list'>
 *     16
 *     [ 4, 9, 16 ]
 */
import { describe, isMainModule, Manager } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const manager = await Manager();
  const l = await manager.list(Array.from({ length: 10 }, (_, i) => i * i));
  console.log(await describe(l));
  console.log(l);
  console.log(await l.at(4));
  console.log(await l.slice(2, 5));
  await manager.shutdown();
}
