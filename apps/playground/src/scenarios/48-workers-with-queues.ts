/**
 * Four processes take tasks from one queue and put what came out into another.
 *
 * From: Python docs, the last of the examples (row 48)
 * Look at: `shutdown()` ends the loops of the workers when the queue is empty; no special message is needed for that.
 * Differs: Python sends one 'STOP' for each worker. Its pauses at random are left out.
 *
 * Prints:
 *     Unordered results:
 *     30 of 30
 *     5 * 7 = 35
 *     9 + 9 = 18
 *     every worker is one of the four: true
 */
import { currentProcess, isMainModule, Process, Queue } from '@mp/multiprocessing';

export const mul = (a: number, b: number): number => a * b;
export const plus = (a: number, b: number): number => a + b;

interface Task {
  readonly f: typeof mul;
  readonly args: readonly [number, number];
}

interface Result {
  readonly worker: string;
  readonly text: string;
}

export async function work(tasks: Queue<Task>, results: Queue<Result>): Promise<void> {
  for await (const { f, args } of tasks) {
    const sign = f.name === 'mul' ? '*' : '+';
    await results.put({ worker: currentProcess().name, text: `${args.join(` ${sign} `)} = ${f(...args)}` });
  }
}

if (isMainModule(import.meta)) {
  const tasks = new Queue<Task>();
  const results = new Queue<Result>();
  for (let i = 0; i < 20; i++) await tasks.put({ f: mul, args: [i, 7] });

  const workers = Array.from({ length: 4 }, () => new Process({ target: work, args: [tasks, results] }));
  for (const worker of workers) await worker.start();

  console.log('Unordered results:');
  const got: Result[] = [];
  for (let i = 0; i < 20; i++) got.push(await results.get());
  for (let i = 0; i < 10; i++) await tasks.put({ f: plus, args: [i, i] });
  for (let i = 0; i < 10; i++) got.push(await results.get());

  const texts = got.map(({ text }) => text);
  console.log(`${new Set(texts).size} of 30`);
  console.log(texts.find((text) => text === '5 * 7 = 35'));
  console.log(texts.find((text) => text === '9 + 9 = 18'));
  const names = new Set(workers.map(({ name }) => name));
  console.log(`every worker is one of the four: ${got.every(({ worker }) => names.has(worker))}`);

  tasks.shutdown();
  for (const worker of workers) await worker.join();
}
