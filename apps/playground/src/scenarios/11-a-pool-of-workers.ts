/**
 * A pool: map, results in any order, one call, several calls, a wait that ends, and the end of the pool.
 *
 * From: Python docs, Using a pool of workers (row 11)
 * Look at: a wait that timed out has cancelled nothing; the pool remains available. `terminate()` is what leaving the `with`
 *   block does in Python; from Node 24 on it may be `await using`.
 *
 * Prints:
 *     [
 *        0,  1,  4,  9, 16,
 *       25, 36, 49, 64, 81
 *     ]
 *     in any order: 0 1 4 9 16 25 36 49 64 81
 *     400
 *     <pid:first>
 *     4 process ids, each of one of the 4 workers: true
 *     We lacked patience and got a TimeoutError
 *     For the moment, the pool remains available for more work
 *     Now the pool is closed and no longer available
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainModule, Pool, PoolStateError, TimeoutError } from '@mp/multiprocessing';

export const square = (x: number): number => x * x;
export const getpid = (): number => process.pid;

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

if (isMainModule(import.meta)) {
  const pool = new Pool(4);
  console.log(await pool.map(square, range(10)));

  const unordered: number[] = [];
  for await (const result of pool.imapUnordered(square, range(10))) unordered.push(result);
  console.log('in any order:', ...unordered.toSorted((a, b) => a - b));

  console.log(await pool.applyAsync(square, [20]).get({ timeout: 10_000 }));

  console.log(await pool.applyAsync(getpid).get({ timeout: 10_000 }));

  const pids = new Set(pool.workers.map(({ pid }) => pid));
  const several = await Promise.all(range(4).map(() => pool.applyAsync(getpid).get({ timeout: 10_000 })));
  const areWorkers = pids.size === 4 && several.every((pid) => pids.has(pid));
  console.log(`${several.length} process ids, each of one of the ${pids.size} workers: ${areWorkers}`);

  const slow = pool.applyAsync(sleep, [1_000_000]);
  try {
    await slow.get({ timeout: 1 });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log('We lacked patience and got a TimeoutError');
  }
  console.log('For the moment, the pool remains available for more work');

  pool.terminate();
  await pool.join();
  try {
    await pool.apply(square, [1]);
  } catch (error) {
    if (!(error instanceof PoolStateError)) throw error;
    console.log('Now the pool is closed and no longer available');
  }
}
