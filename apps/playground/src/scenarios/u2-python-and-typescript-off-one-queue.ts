/**
 * A Python process and a TypeScript process take tasks from one queue, and put what came out into another.
 *
 * From: here (what a manager can do that nothing else can)
 * Look at: the queues are in the memory of this program, which serves them in the language of Python's managers. Each worker
 *   knows an address and a key, and nothing of the other; the one in Python uses its own multiprocessing, and is no
 *   child of ours. Each has begun a task before either may go on; from then on whoever is free takes the next.
 *
 * Prints:
 *     have begun: Python, TypeScript
 *     0 1 4 9 16 25 36 49 64 81 100 121 144 169 196 225 256 289 324 361
 *     Python and TypeScript have done them all, each at least one: true
 *     the workers have ended: 0 0, and 0 tasks are left
 */
import { type Address, BaseManager, isMainModule, Process, Queue } from '@mp/multiprocessing';
import { PythonProgram } from './modules/python.ts';

type Task = number | null;
type Result = readonly [worker: string, result: number];

const TASKS = 20;
const AUTHKEY = 'the queue of all';

const PYTHON_WORKER = `
import sys
from multiprocessing.managers import BaseManager

class Manager(BaseManager): pass
for name in 'tasks', 'results', 'go': Manager.register(name)
manager = Manager(address=('127.0.0.1', int(sys.argv[1])), authkey=b'${AUTHKEY}')
manager.connect()
tasks, results, go = manager.tasks(), manager.results(), manager.go()

x = tasks.get()
results.put(('Python', -1))
go.get()
while x is not None:
    results.put(('Python', x * x))
    x = tasks.get()
`;

export async function typescriptWorker(address: Address): Promise<void> {
  const manager = new BaseManager({ address, authkey: AUTHKEY, serializer: 'python' });
  await manager.connect();
  const tasks = await manager.create<Queue<Task>>('tasks');
  const results = await manager.create<Queue<Result>>('results');
  const go = await manager.create<Queue<string>>('go');

  let x = await tasks.get();
  await results.put(['TypeScript', -1]);
  await go.get();
  while (x !== null) {
    await results.put(['TypeScript', x * x]);
    x = await tasks.get();
  }
  await manager.shutdown();
}

if (isMainModule(import.meta)) {
  const tasks = new Queue<Task>();
  const results = new Queue<Result>();
  const go = new Queue<string>();
  const Manager = BaseManager.register('tasks', { create: () => tasks })
    .register('results', { create: () => results })
    .register('go', { create: () => go });
  const server = new Manager({ address: ['127.0.0.1', 0], authkey: AUTHKEY, serializer: 'python' }).getServer();
  const serving = server.serveForever();

  const python = new PythonProgram(PYTHON_WORKER, String(server.address[1]));
  const typescript = new Process({ target: typescriptWorker, args: [server.address] });
  await typescript.start();

  for (let x = 0; x < TASKS; x++) await tasks.put(x);
  const begun = [await results.get(), await results.get()];
  console.log(
    `have begun: ${begun
      .map(([worker]) => worker)
      .toSorted()
      .join(', ')}`,
  );
  for (const _ of begun) await go.put('go');

  const done: Result[] = [];
  while (done.length < TASKS) done.push(await results.get());
  console.log(...done.map(([, result]) => result).toSorted((a, b) => a - b));
  const workers = [...new Set(done.map(([worker]) => worker))].toSorted();
  console.log(`${workers.join(' and ')} have done them all, each at least one: ${workers.length === 2}`);

  for (const _ of workers) await tasks.put(null);
  await typescript.join();
  console.log(
    `the workers have ended: ${await python.ended()} ${typescript.exitCode}, and ${tasks.qsize()} tasks are left`,
  );
  server.stop();
  await serving;
}
