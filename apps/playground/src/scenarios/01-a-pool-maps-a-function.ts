/**
 * A pool of five workers squares three numbers.
 *
 * From: Python docs, Introduction (row 1); 002
 * Look at: `square` is exported, since a worker imports this very file to find it; `isMainModule` keeps the worker from
 *   running the rest.
 *
 * Prints:
 *     [ 1, 4, 9 ]
 */
import { isMainModule, Pool } from '@mp/multiprocessing';

export const square = (x: number): number => x * x;

if (isMainModule(import.meta)) {
  const pool = new Pool(5);
  console.log(await pool.map(square, [1, 2, 3]));

  pool.close();
  await pool.join();
}
