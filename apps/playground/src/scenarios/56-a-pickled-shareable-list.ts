/**
 * A ShareableList that is pickled and unpickled is the same list: both see what either changes.
 *
 * From: Python docs, multiprocessing.shared_memory, ShareableList (row 56)
 * Look at: a message carries the memory itself, and not a copy of the items.
 *
 * Prints:
 *     [ -1, -2, 2, 3, 4 ]
 *     [ -1, -2, 2, 3, 4 ]
 */
import { isMainModule, Pipe, ShareableList } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const sl = new ShareableList([0, 1, 2, 3, 4]);
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
