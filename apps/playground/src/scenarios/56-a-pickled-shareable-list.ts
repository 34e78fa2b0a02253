/**
 * A ShareableList that is pickled and unpickled is the same list: both see what either changes.
 *
 * From: Python docs, multiprocessing.shared_memory, ShareableList (row 56)
 * Look at: a message carries the memory itself, and not a copy of the items.
 * Differs: Python pickles the name, into bytes. Here it is the open memory that travels, which bytes alone cannot carry: a
 *   pipe can, without a name too, and the receiver has it even if the name is gone.
 *
 * Prints:
 *     [
 *       -1, -2, 2, 3, 4,
 *        5,  6, 7, 8, 9
 *     ]
 *     [
 *       -1, -2, 2, 3, 4,
 *        5,  6, 7, 8, 9
 *     ]
 */
import { isMainModule, Pipe, ShareableList } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const sl = new ShareableList([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const [ours, theirs] = Pipe<ShareableList>();
  await ours.send(sl);
  const deserialized = await theirs.recv();
  sl.set(0, -1);
  deserialized.set(1, -2);
  console.log([...sl]);
  console.log([...deserialized]);
  sl.shm.close();
  deserialized.shm.close();
  sl.shm.unlink();
  ours.close();
  theirs.close();
}
