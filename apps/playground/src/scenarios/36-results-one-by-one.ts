/**
 * The ways to get results out of a pool, one of them with a time-out.
 *
 * From: Python docs, the example in multiprocessing.pool (row 36)
 * Look at: `imap` gives results in order as soon as they are there, and never has more under way than are wanted.
 *
 * Prints:
 *     100
 *     [
 *        0,  1,  4,  9, 16,
 *       25, 36, 49, 64, 81
 *     ]
 *     0
 *     1
 *     4
 *     TimeoutError
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainModule, Pool, TimeoutError } from '@mp/multiprocessing';

export const square = (x: number): number => x * x;

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

if (isMainModule(import.meta)) {
  const pool = new Pool(4);
  console.log(await pool.applyAsync(square, [10]).get({ timeout: 10_000 }));
  console.log(await pool.map(square, range(10)));

  const results = pool.imap(square, range(10));
  for (let i = 0; i < 3; i++) console.log((await results.next({ timeout: 10_000 })).value);

  const late = pool.applyAsync(sleep, [1_000_000]);
  try {
    await late.get({ timeout: 1 });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log(error.name);
  }
  pool.terminate();
  await pool.join();
}
