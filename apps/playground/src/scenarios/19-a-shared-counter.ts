/**
 * `counter.value += 1` reads, and writes later: additions get lost. Under the lock of the counter none is.
 *
 * From: Python docs, multiprocessing.Value (row 19)
 * Look at: `update` holds the lock from the reading to the writing; `withLockSync` of `getLock()` does so for several steps.
 *
 * Prints:
 *     with the lock: 40000
 *     without it, no more than that: true
 */
import { isMainModule, Process, Value } from '@mp/multiprocessing';

const TIMES = 10_000;

export function addCarefully(counter: Value<'i'>): void {
  for (let i = 0; i < TIMES / 2; i++) counter.update((n) => n + 1);
  for (let i = 0; i < TIMES / 2; i++) {
    counter.getLock().withLockSync(() => {
      counter.value += 1;
    });
  }
}

export function addCarelessly(counter: Value<'i'>): void {
  for (let i = 0; i < TIMES; i++) counter.value += 1;
}

async function countWith(target: typeof addCarefully): Promise<number> {
  const counter = new Value('i', 0);
  const children = Array.from({ length: 4 }, () => new Process({ target, args: [counter] }));
  for (const child of children) await child.start();
  for (const child of children) await child.join();
  return counter.value;
}

if (isMainModule(import.meta)) {
  console.log(`with the lock: ${await countWith(addCarefully)}`);
  console.log(`without it, no more than that: ${(await countWith(addCarelessly)) <= 40_000}`);
}
