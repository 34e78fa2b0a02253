/**
 * A proxy is not equal to what it stands for; a copy is.
 *
 * From: Python docs, Proxy objects: comparison (row 34)
 * Look at: whoever wants to compare, compares copies. Two proxies of one list are not equal either.
 *
 * Prints:
 *     the proxy equals [ 1, 2, 3 ]: false
 *     its copy equals [ 1, 2, 3 ]: true
 *     two proxies of one list are the same object: false
 */
import { isDeepStrictEqual } from 'node:util';
import { getValue, isMainModule, type ListProxy, Manager } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const manager = await Manager();
  const list = await manager.list([1, 2, 3]);
  console.log(`the proxy equals [ 1, 2, 3 ]: ${isDeepStrictEqual(list, [1, 2, 3])}`);
  console.log(`its copy equals [ 1, 2, 3 ]: ${isDeepStrictEqual(await getValue(list), [1, 2, 3])}`);

  const outer = await manager.list<ListProxy<number>>([list]);
  console.log(`two proxies of one list are the same object: ${(await outer.at(0)) === list}`);
  await manager.shutdown();
}
