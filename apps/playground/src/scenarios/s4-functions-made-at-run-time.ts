/**
 * A function that was made at run time cannot be sent to a worker: the message, and four cures.
 *
 * From: 001
 * Look at: modules/powers.ts, the namespace. A worker imports it and thereby makes the functions anew; they are found
 *   there by name, although all of them have the same source text.
 * Differs: in Python the functions are put into the namespace by the main program, before the workers are forked from it.
 *   A spawned worker shares nothing with the main program, so the module must fill itself. Forked workers, the last cure,
 *   have what the main program had when it made the pool, also a function that it has just made and given a name.
 *
 * Prints:
 *     refused: PicklingError ERR_MP_PICKLING
 *     it is an anonymous function, which is not exported from <url:folder>/s4-functions-made-at-run-time.ts. Export it, wrap it with callable(f, …captured), register it with registerFunction(name, f), or use the fork start method.
 *     --- a module as namespace
 *     square returned result 0
 *     square returned result 1
 *     square returned result 4
 *     square returned result 9
 *     square returned result 16
 *     square returned result 25
 *     square returned result 36
 *     square returned result 49
 *     square returned result 64
 *     square returned result 81
 *     --- a registered function
 *     cube returned result 0
 *     cube returned result 1
 *     cube returned result 8
 *     cube returned result 27
 *     cube returned result 64
 *     cube returned result 125
 *     cube returned result 216
 *     cube returned result 343
 *     cube returned result 512
 *     cube returned result 729
 *     --- a closure with what it captures
 *     square returned result 0
 *     square returned result 1
 *     square returned result 4
 *     square returned result 9
 *     square returned result 16
 *     square returned result 25
 *     square returned result 36
 *     square returned result 49
 *     square returned result 64
 *     square returned result 81
 *     cube returned result 0
 *     cube returned result 1
 *     cube returned result 8
 *     cube returned result 27
 *     cube returned result 64
 *     cube returned result 125
 *     cube returned result 216
 *     cube returned result 343
 *     cube returned result 512
 *     cube returned result 729
 *     --- fork
 *     square returned result 0
 *     square returned result 1
 *     square returned result 4
 *     square returned result 9
 *     square returned result 16
 *     square returned result 25
 *     square returned result 36
 *     square returned result 49
 *     square returned result 64
 *     square returned result 81
 */
import { callable, getContext, isMainModule, PicklingError, Pool, registerFunction } from '@mp/multiprocessing';
import { cube, mappers, type Power, square } from './modules/powers.ts';

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** An exported function has no surroundings that would have to travel; `callable` gives it its first argument. */
export const describe = (power: Power, x: number): string => `${power.name} returned result ${power(x)}`;

// A worker that gets a function of this name, and does not know it yet, imports this file, and so comes to this line too.
const cubeMapper = (x: number): string => describe(cube, x);
registerFunction('scenario s4/cube', cubeMapper, { module: import.meta.url });

if (isMainModule(import.meta)) {
  const pool = new Pool(2);

  const makeMapper = (power: Power) => (x: number) => describe(power, x);
  try {
    await pool.map(makeMapper(square), range(10));
  } catch (error) {
    if (!(error instanceof PicklingError)) throw error;
    const [where, what] = error.message.split(' cannot be pickled: ');
    console.log(`refused: ${error.name} ${error.code}`);
    console.log(what ?? where);
  }

  console.log('--- a module as namespace');
  for (const line of await pool.map(mappers.square, range(10))) console.log(line);

  console.log('--- a registered function');
  for (const line of await pool.map(cubeMapper, range(10))) console.log(line);

  console.log('--- a closure with what it captures');
  for (const power of [square, cube]) {
    for (const line of await pool.map(callable(describe, power), range(10))) console.log(line);
  }

  pool.close();
  await pool.join();

  console.log('--- fork');
  const madeNow = makeMapper(square);
  registerFunction('scenario s4/made now', madeNow);
  const forked = new (getContext('fork').Pool)(2);
  for (const line of await forked.map(madeNow, range(10))) console.log(line);
  forked.close();
  await forked.join();
}
