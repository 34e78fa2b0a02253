/**
 * A block of shared memory with a name: made, written, found by its name, and removed.
 *
 * From: Python docs, multiprocessing.shared_memory, the first example (row 49)
 * Look at: any program of the machine that knows the name can attach, one in Python too. `close` ends our use of it,
 *   `unlink` takes the name away; whoever has it attached keeps it.
 *
 * Prints:
 *     Uint8Array of 10
 *     22 33 44 55 100
 *     howdy
 *     howdy
 *     NoSharedMemoryError
 */
import { isMainModule, NoSharedMemoryError, SharedMemory } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const a = new SharedMemory({ create: true, size: 10 });
  console.log(`${a.buf.constructor.name} of ${a.size}`);
  a.buf.set([22, 33, 44, 55]);
  a.buf[4] = 100;

  // Another process would be told the name.
  const name = a.name!;
  const b = new SharedMemory({ name });
  console.log(b.buf.subarray(0, 5).join(' '));
  b.buf.set(Buffer.from('howdy'));
  console.log(Buffer.from(a.buf.subarray(0, 5)).toString());

  b.close();
  console.log(Buffer.from(a.buf.subarray(0, 5)).toString());
  a.close();
  a.unlink();
  try {
    new SharedMemory({ name });
  } catch (error) {
    if (!(error instanceof NoSharedMemoryError)) throw error;
    console.log(error.name);
  }
}
