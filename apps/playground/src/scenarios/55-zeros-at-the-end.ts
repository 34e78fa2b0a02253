/**
 * Texts and bytes that end with zeros come out of a ShareableList as they were put in.
 *
 * From: Python docs, multiprocessing.shared_memory, ShareableList (row 55)
 * Look at: no padding is needed.
 * Differs: Python loses the zeros, and shows how to keep them with one more byte that is none.
 *
 * Prints:
 *     [ '?\x00', '030201000000' ]
 */
import { isMainModule, ShareableList } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const list = new ShareableList(['?\x00', Buffer.from([3, 2, 1, 0, 0, 0])]);
  const [text, bytes] = list;
  console.log([text, Buffer.from(bytes as Uint8Array).toString('hex')]);
  list.shm.close();
  list.shm.unlink();
}
