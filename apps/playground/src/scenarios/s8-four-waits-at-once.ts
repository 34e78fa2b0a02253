/**
 * Four waits of one second take one second; a result that is still to come; and how `map` cuts its items into chunks.
 *
 * From: 003
 * Look at: a worker works on one task at a time, also if that is an async function which only waits. An AsyncResult is a
 *   promise, and more: it can be asked whether it is there, and a wait that is over too early leaves it as it is.
 * Differs: in Python all chunks of a map are as large as the first.
 *
 * Needs: a quiet machine
 *
 * Prints:
 *     [ 1, 2, 3, 4 ]
 *     the first time, with the start of the workers: <number:first 1..3.9> s
 *     [ 1, 2, 3, 4 ]
 *     the second time: <number:second 1..1.9> s
 *     there already: false
 *     TimeoutError: waitAndReturn() did not end within 20 ms. It goes on; ask for its result again.
 *     there after all: 5
 *     successful: true
 *     40 items of map in chunks of 3 3 3 2 2 2 2 2 2 2 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1, each on one worker: true
 *     40 items of map in chunks of 20 20, each on one worker: true
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainModule, Pool, TimeoutError } from '@mp/multiprocessing';

export async function waitAndReturn(x: number): Promise<number> {
  await sleep(1000);
  return x;
}

export const workerOf = (_item: number): number => process.pid;

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

const WORKERS = 4;

/** Each chunk is a quarter of an equal share of what is left, so that nobody is left with a long one at the end. */
function defaultSizes(items: number): number[] {
  const size = Math.ceil(items / (WORKERS * 4));
  return items === 0 ? [] : [size, ...defaultSizes(items - size)];
}

if (isMainModule(import.meta)) {
  const pool = new Pool(WORKERS);

  for (const when of ['the first time, with the start of the workers', 'the second time']) {
    const begun = performance.now();
    console.log(await pool.map(waitAndReturn, [1, 2, 3, 4]));
    console.log(`${when}: ${((performance.now() - begun) / 1000).toFixed(2)} s`);
  }

  const result = pool.applyAsync(waitAndReturn, [5]);
  console.log(`there already: ${result.ready()}`);
  try {
    await result.get({ timeout: 20 });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log(`${error}`);
  }
  console.log(`there after all: ${await result}`);
  console.log(`successful: ${result.successful()}`);

  for (const chunkSize of [undefined, 20]) {
    const workers = await pool.map(workerOf, range(40), { chunkSize });
    const sizes = chunkSize === undefined ? defaultSizes(40) : [20, 20];
    const chunks = sizes.map((size) => new Set(workers.splice(0, size)));
    const whole = chunks.every((pids) => pids.size === 1);
    console.log(`40 items of map in chunks of ${sizes.join(' ')}, each on one worker: ${whole}`);
  }

  pool.close();
  await pool.join();
}
