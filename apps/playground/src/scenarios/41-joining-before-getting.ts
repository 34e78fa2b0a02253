/**
 * A child puts a large message, and is joined before the message is got.
 *
 * From: Python docs, Guidelines: joining processes that use queues (row 41)
 * Look at: it ends. What was put is in shared memory and needs its putter no more.
 * Differs: Python's two processes wait for each other for ever; its cure is to swap the last two lines.
 *
 * Prints:
 *     joined, exit code 0
 *     1000000
 */
import { isMainModule, Process, Queue } from '@mp/multiprocessing';

export async function f(q: Queue<string>): Promise<void> {
  await q.put('X'.repeat(1_000_000));
}

if (isMainModule(import.meta)) {
  const queue = new Queue<string>();
  const p = new Process({ target: f, args: [queue] });
  await p.start();
  await p.join();
  console.log(`joined, exit code ${p.exitCode}`);
  const obj = await queue.get();
  console.log(obj.length);
}
