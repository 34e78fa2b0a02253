/**
 * A list in shared memory: its items can be replaced by others that fit, but none added.
 *
 * From: Python docs, multiprocessing.shared_memory, ShareableList (row 53)
 * Look at: the layout in memory is CPython's, so a Python program can attach to it by its name.
 * Differs: a number is a float or an integer as it was put in; Python's True and None are true and null.
 *
 * Prints:
 *     string Buffer number number object boolean number
 *     -78.5
 *     dry ice
 *     RangeError: ShareableList: bytes/str item exceeds available storage: it takes 46 bytes, and item 2 has room for 8, from when the list was made
 *     dry ice
 *     7
 *     6
 *     0 1
 */
import { isMainModule, ShareableList } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const a = new ShareableList(['howdy', Buffer.from('HoWdY'), -273.154, 100, null, true, 42]);
  console.log(...Array.from(a, (item) => (item instanceof Uint8Array ? 'Buffer' : typeof item)));
  a.set(2, -78.5);
  console.log(a.get(2));
  a.set(2, 'dry ice');
  console.log(a.get(2));
  try {
    a.set(2, 'larger than previously allocated storage space');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.log(`${error}`);
  }
  console.log(a.get(2));
  console.log(a.length);
  console.log(a.index(42));
  console.log(a.count(Buffer.from('howdy')), a.count(Buffer.from('HoWdY')));
  a.shm.close();
  a.shm.unlink();
}
