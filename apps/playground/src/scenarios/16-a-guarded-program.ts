/**
 * A program with the guard: what is in it is done by the program itself, and not by the children that import it.
 *
 * From: Python docs, multiprocessing.freeze_support (row 16)
 * Look at: the guard. From Node 24.2 on it may be `import.meta.main`.
 * Differs: there is no `freeze_support()`: it exists for executables made from Python programs on Windows.
 *
 * Prints:
 *     hello world!
 */
import { isMainModule, Process } from '@mp/multiprocessing';

export function greet(): void {
  console.log('hello world!');
}

if (isMainModule(import.meta)) {
  await new Process({ target: greet }).start();
}
