/**
 * The same with a context, which leaves the choice for the rest of the program alone.
 *
 * From: Python docs, Contexts and start methods (row 5)
 * Look at: the context has the names of the package; nothing was settled for others.
 *
 * Prints:
 *     hello
 *     settled: undefined
 */
import { getContext, getStartMethod, isMainModule, type Queue } from '@mp/multiprocessing';

export async function foo(q: Queue<string>): Promise<void> {
  await q.put('hello');
}

if (isMainModule(import.meta)) {
  const context = getContext('spawn');
  const q = new context.Queue<string>();
  const p = new context.Process({ target: foo, args: [q] });
  await p.start();
  console.log(await q.get());
  await p.join();
  console.log(`settled: ${getStartMethod({ allowNone: true })}`);
}
