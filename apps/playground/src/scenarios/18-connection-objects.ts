/**
 * Objects and bytes through the two ends of a pipe, and bytes received into memory that is there already.
 *
 * From: Python docs, Connection objects (row 18)
 * Look at: `recvBytesInto` says how many bytes came; the rest of the memory stays as it is.
 *
 * Prints:
 *     [ 1, 'hello', null ]
 *     thank you
 *     20
 *     Int32Array(10) [
 *       0, 1, 2, 3, 4,
 *       0, 0, 0, 0, 0
 *     ]
 */
import { isMainModule, Pipe } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const [a, b] = Pipe();
  await a.send([1, 'hello', null]);
  console.log(await b.recv());

  await b.sendBytes(Buffer.from('thank you'));
  console.log((await a.recvBytes()).toString());

  const numbers = Int32Array.from([0, 1, 2, 3, 4]);
  const target = new Int32Array(10);
  await a.sendBytes(numbers);
  console.log(await b.recvBytesInto(target));
  console.log(target);
  a.close();
  b.close();
}
