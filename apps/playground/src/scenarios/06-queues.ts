/**
 * A child puts a list into a queue; the parent gets it.
 *
 * From: Python docs, Queues (row 6); 002
 * Look at: what is put is in shared memory when `put` is done: the child may end, or be killed, before anybody gets it.
 * Differs: Python's None is null here.
 *
 * Prints:
 *     [ 42, null, 'hello' ]
 */
import { isMainModule, Process, Queue } from '@mp/multiprocessing';

type Message = readonly [number, null, string];

export async function f(q: Queue<Message>): Promise<void> {
  await q.put([42, null, 'hello']);
}

if (isMainModule(import.meta)) {
  const q = new Queue<Message>();
  const p = new Process({ target: f, args: [q] });
  await p.start();
  console.log(await q.get());
  await p.join();
}
