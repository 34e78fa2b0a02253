/**
 * A queue of this machine that a local process uses directly, and a remote one through a manager.
 *
 * From: Python docs, Using a remote manager: local processes (row 29)
 * Look at: the worker is a class derived from Process; its queue travels with it, and is the very queue, not a proxy. The
 *   client knows only address and key.
 * Differs: Python's port is 50000; here it is any that is free.
 *
 * Prints:
 *     the worker, process <pid:worker>, puts into shared memory
 *     the client, process <pid:client>, got local hello
 */
import { type Address, BaseManager, isMainModule, Process, Queue } from '@mp/multiprocessing';

export class Worker extends Process {
  readonly q: Queue<string>;

  constructor(q: Queue<string>) {
    super();
    this.q = q;
  }

  override async run(): Promise<void> {
    console.log(`the worker, process ${process.pid}, puts into shared memory`);
    await this.q.put('local hello');
  }
}

export async function client(address: Address): Promise<void> {
  const m = new BaseManager({ address, authkey: 'abracadabra' });
  await m.connect();
  const queue = await m.create<Queue<string>>('get_queue');
  console.log(`the client, process ${process.pid}, got ${await queue.get()}`);
  await m.shutdown();
}

if (isMainModule(import.meta)) {
  const queue = new Queue<string>();
  const w = new Worker(queue);
  await w.start();

  const QueueManager = BaseManager.register('get_queue', { create: () => queue });
  const m = new QueueManager({ address: ['', 0], authkey: 'abracadabra' });
  const s = m.getServer();
  const serving = s.serveForever();

  const remote = new Process({ target: client, args: [['127.0.0.1', Number(s.address[1])]] });
  await remote.start();
  await remote.join();
  await w.join();
  s.stop();
  await serving;
}
