/**
 * Ten squares arrive in a callback, and what the `join()` at the end is for.
 *
 * From: 001
 * Look at: the callback gets the whole list, once, before `join()` is over. The second pool is neither closed nor joined,
 *   and its callback is called all the same: outstanding work keeps the program alive, an idle pool does not.
 * Differs: in Python the `join()` is essential, for without it the main process exits and takes the results with it (and
 *   the document forgets the `close()` without which `join()` is an error). Here `join()` says when: everything is done
 *   and the workers have ended.
 *
 * Prints:
 *     0 1 4 9 16 25 36 49 64 81
 *     joined, all workers have ended: true
 *     the end of the main program
 *     100 without a join
 */
import { activeChildren, isMainModule, Pool } from '@mp/multiprocessing';

export const square = (x: number): number => x ** 2;

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

if (isMainModule(import.meta)) {
  const pool = new Pool(2);
  pool.mapAsync(square, range(10), { callback: (squares) => console.log(...squares) });
  pool.close();
  await pool.join();
  console.log(`joined, all workers have ended: ${activeChildren().length === 0}`);

  const careless = new Pool(1);
  careless.applyAsync(square, [10], { callback: (result) => console.log(`${result} without a join`) });
  console.log('the end of the main program');
}
