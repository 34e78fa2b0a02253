/**
 * A proxy is not equal to what it stands for; a copy is made on request.
 *
 * From: Python docs, Proxy objects: comparison (row 34), and row 30
 * Look at: whoever wants to compare compares copies; `at` and `slice` are calls, too.
 *
 * Prints:
 *     equal to an array: false
 *     [ 0, 1, 4, 9, 16 ]
 *     4 of [ 4, 9 ]
 */
import { isDeepStrictEqual } from 'node:util';
import { getValue, isMainModule, Manager } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const manager = await Manager();
  const squares = await manager.list([0, 1, 4, 9, 16]);
  console.log(`equal to an array: ${isDeepStrictEqual(squares, [0, 1, 4, 9, 16])}`);
  console.log(await getValue(squares));
  console.log(await squares.at(2), 'of', await squares.slice(2, 4));
  await manager.shutdown();
}
