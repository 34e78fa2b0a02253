/**
 * The start method is chosen once, for the whole program; a child says hello through a queue.
 *
 * From: Python docs, Contexts and start methods (row 4)
 * Look at: choosing again is an error. Code that is used by others takes a context instead (row 5).
 *
 * Prints:
 *     hello
 *     StartMethodError
 */
import { getStartMethod, isMainModule, Process, Queue, StartMethodError, setStartMethod } from '@mp/multiprocessing';

export async function foo(q: Queue<string>): Promise<void> {
  await q.put('hello');
}

if (isMainModule(import.meta)) {
  setStartMethod('spawn');
  const q = new Queue<string>();
  const p = new Process({ target: foo, args: [q] });
  await p.start();
  console.log(await q.get());
  await p.join();
  try {
    setStartMethod(getStartMethod());
  } catch (error) {
    if (!(error instanceof StartMethodError)) throw error;
    console.log(error.name);
  }
}
