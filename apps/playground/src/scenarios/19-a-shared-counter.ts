/**
 * `counter.value += 1` reads, and writes later: additions get lost. Under the lock of the counter none is.
 *
 * From: Python docs, multiprocessing.Value (row 19)
 * Look at: `update` holds the lock from the reading to the writing; `withLockSync` of `getLock()` does so for several steps.
 *   Without it four processes read 0 before any of them writes 1; usually that is bad luck, here they wait for it.
 *
 * Prints:
 *     with the lock: 40000
 *     without it: 1 instead of 4
 */
import { Barrier, isMainModule, Process, Value } from '@mp/multiprocessing';

const TIMES = 10_000;

export function add(careful: Value<'i'>, careless: Value<'i'>, all: Barrier): void {
  for (let i = 0; i < TIMES / 2; i++) careful.update((n) => n + 1);
  for (let i = 0; i < TIMES / 2; i++) {
    careful.getLock().withLockSync(() => {
      careful.value += 1;
    });
  }

  // JavaScript reads the left side first, then what is to be added, and writes last.
  careless.value += one(all);
}

/** 1, once all processes have come here. */
function one(all: Barrier): number {
  all.waitSync();
  return 1;
}

if (isMainModule(import.meta)) {
  const careful = new Value('i', 0);
  const careless = new Value('i', 0);
  const all = new Barrier(4);
  const children = Array.from({ length: 4 }, () => new Process({ target: add, args: [careful, careless, all] }));
  for (const child of children) await child.start();
  for (const child of children) await child.join();
  console.log(`with the lock: ${careful.value}`);
  console.log(`without it: ${careless.value} instead of ${children.length}`);
}
