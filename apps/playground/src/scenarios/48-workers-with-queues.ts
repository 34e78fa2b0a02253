/**
 * Four processes take tasks from one queue and put what came out into another.
 *
 * From: Python docs, the last of the examples (row 48)
 * Look at: `shutdown()` ends the loops of the workers when the queue is empty; no special message is needed for that.
 * Differs: Python sends one 'STOP' for each worker. Its pauses at random are left out.
 *
 * Prints:
 *     Unordered results:
 *     ~ Process-<integer:m0 1..4> says that mul(0, 7) = 0
 *     ~ Process-<integer:m1 1..4> says that mul(1, 7) = 7
 *     ~ Process-<integer:m2 1..4> says that mul(2, 7) = 14
 *     ~ Process-<integer:m3 1..4> says that mul(3, 7) = 21
 *     ~ Process-<integer:m4 1..4> says that mul(4, 7) = 28
 *     ~ Process-<integer:m5 1..4> says that mul(5, 7) = 35
 *     ~ Process-<integer:m6 1..4> says that mul(6, 7) = 42
 *     ~ Process-<integer:m7 1..4> says that mul(7, 7) = 49
 *     ~ Process-<integer:m8 1..4> says that mul(8, 7) = 56
 *     ~ Process-<integer:m9 1..4> says that mul(9, 7) = 63
 *     ~ Process-<integer:m10 1..4> says that mul(10, 7) = 70
 *     ~ Process-<integer:m11 1..4> says that mul(11, 7) = 77
 *     ~ Process-<integer:m12 1..4> says that mul(12, 7) = 84
 *     ~ Process-<integer:m13 1..4> says that mul(13, 7) = 91
 *     ~ Process-<integer:m14 1..4> says that mul(14, 7) = 98
 *     ~ Process-<integer:m15 1..4> says that mul(15, 7) = 105
 *     ~ Process-<integer:m16 1..4> says that mul(16, 7) = 112
 *     ~ Process-<integer:m17 1..4> says that mul(17, 7) = 119
 *     ~ Process-<integer:m18 1..4> says that mul(18, 7) = 126
 *     ~ Process-<integer:m19 1..4> says that mul(19, 7) = 133
 *     More of them:
 *     ~ Process-<integer:p0 1..4> says that plus(0, 8) = 8
 *     ~ Process-<integer:p1 1..4> says that plus(1, 8) = 9
 *     ~ Process-<integer:p2 1..4> says that plus(2, 8) = 10
 *     ~ Process-<integer:p3 1..4> says that plus(3, 8) = 11
 *     ~ Process-<integer:p4 1..4> says that plus(4, 8) = 12
 *     ~ Process-<integer:p5 1..4> says that plus(5, 8) = 13
 *     ~ Process-<integer:p6 1..4> says that plus(6, 8) = 14
 *     ~ Process-<integer:p7 1..4> says that plus(7, 8) = 15
 *     ~ Process-<integer:p8 1..4> says that plus(8, 8) = 16
 *     ~ Process-<integer:p9 1..4> says that plus(9, 8) = 17
 */
import { currentProcess, isMainModule, Process, Queue } from '@mp/multiprocessing';

type Task = readonly [f: typeof mul, args: readonly [number, number]];

/** What each worker runs. */
export async function worker(input: Queue<Task>, output: Queue<string>): Promise<void> {
  for await (const [f, args] of input) await output.put(calculate(f, args));
}

function calculate(f: Task[0], args: Task[1]): string {
  return `${currentProcess().name} says that ${f.name}(${args.join(', ')}) = ${f(...args)}`;
}

export const mul = (a: number, b: number): number => a * b;
export const plus = (a: number, b: number): number => a + b;

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

if (isMainModule(import.meta)) {
  const tasks1 = range(20).map((i): Task => [mul, [i, 7]]);
  const tasks2 = range(10).map((i): Task => [plus, [i, 8]]);

  const taskQueue = new Queue<Task>();
  const doneQueue = new Queue<string>();
  for (const task of tasks1) await taskQueue.put(task);

  const workers = range(4).map(() => new Process({ target: worker, args: [taskQueue, doneQueue] }));
  for (const each of workers) await each.start();

  console.log('Unordered results:');
  for (const _ of tasks1) console.log(await doneQueue.get());

  for (const task of tasks2) await taskQueue.put(task);
  console.log('More of them:');
  for (const _ of tasks2) console.log(await doneQueue.get());

  taskQueue.shutdown();
  for (const each of workers) await each.join();
}
