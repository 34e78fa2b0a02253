/**
 * A typed array over named shared memory, in two processes that know only its name.
 *
 * From: Python docs, multiprocessing.shared_memory, the example with NumPy (row 50)
 * Look at: no element is copied; a typed array takes the place of NumPy's.
 *
 * Prints:
 *     [ 1, 1, 2, 3, 5, 8 ]
 *     [ 1, 1, 2, 3, 5, 888 ]
 */
import { isMainModule, Process, SharedMemory } from '@mp/multiprocessing';

export function changeLast(name: string): void {
  const memory = new SharedMemory({ name });
  const c = new BigInt64Array(memory.buf.buffer, memory.buf.byteOffset, 6);
  c[5] = 888n;
  memory.close();
}

if (isMainModule(import.meta)) {
  const a = BigInt64Array.from([1n, 1n, 2n, 3n, 5n, 8n]);
  const memory = new SharedMemory({ create: true, size: a.byteLength });
  const b = new BigInt64Array(memory.buf.buffer, memory.buf.byteOffset, a.length);
  b.set(a);
  console.log(Array.from(b, Number));

  const p = new Process({ target: changeLast, args: [memory.name!] });
  await p.start();
  await p.join();
  console.log(Array.from(b, Number));

  memory.close();
  memory.unlink();
}
