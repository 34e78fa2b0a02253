/**
 * What ctypes writes in Python, and its counterpart here.
 *
 * From: Python docs, the table in multiprocessing.sharedctypes (row 20)
 * Look at: RawArray gives a true typed array of JavaScript, over shared memory.
 * Differs: there is no ctypes; a type is a letter, as in Python's array module, or made by `struct`.
 *
 * Prints:
 *     RawValue('d', 2.4): 2.4
 *     RawValue(MyStruct, { x: 4, y: 6 }): 4 6
 *     RawArray('h', 7): 7 numbers in an Int16Array: true
 *     RawArray('i', [9, 2, 8]): 9,2,8 in an Int32Array: true
 */
import { isMainModule, RawArray, RawValue, struct } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  console.log(`RawValue('d', 2.4): ${new RawValue('d', 2.4).value}`);
  const MyStruct = struct({ x: 'i', y: 'i' });
  const both = new RawValue(MyStruct, { x: 4, y: 6 });
  console.log(`RawValue(MyStruct, { x: 4, y: 6 }): ${both.x} ${both.y}`);
  const shorts = RawArray('h', 7);
  console.log(`RawArray('h', 7): ${shorts.length} numbers in an Int16Array: ${shorts instanceof Int16Array}`);
  const ints = RawArray('i', [9, 2, 8]);
  console.log(`RawArray('i', [9, 2, 8]): ${[...ints]} in an Int32Array: ${ints instanceof Int32Array}`);
}
