/**
 * A number and an array in shared memory, changed by a child.
 *
 * From: Python docs, Sharing state between processes: shared memory (row 9)
 * Look at: nothing is sent back; the parent sees what the child has written.
 *
 * Prints:
 *     3.1415927
 *     [
 *        0, -1, -2, -3, -4,
 *       -5, -6, -7, -8, -9
 *     ]
 */
import { isMainModule, Process, SharedArray, Value } from '@mp/multiprocessing';

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

export function f(n: Value<'d'>, a: SharedArray<'i'>): void {
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: as in Python's docs.
  n.value = 3.1415927;
  for (let i = 0; i < a.length; i++) a.set(i, -a.get(i));
}

if (isMainModule(import.meta)) {
  const num = new Value('d', 0.0);
  const arr = new SharedArray('i', range(10));

  const p = new Process({ target: f, args: [num, arr] });
  await p.start();
  await p.join();

  console.log(num.value);
  console.log(arr.slice());
}
