/**
 * A client puts into the queue of a server that is a real Python; another Python finds it there.
 *
 * From: Python docs, Using a remote manager: one client (row 27)
 * Look at: the client says of which type the queue is, for it has nothing of the server's code. The rest is a proxy like
 *   any other.
 * Differs: the host is this machine, and the port any that is free; in the docs it is foo.bar.org and 50000.
 *
 * Prints:
 *     the queue holds 1 item
 *     client 2, in Python, got 'hello'
 */
import { BaseManager, isMainModule } from '@mp/multiprocessing';
import { PythonProgram } from './modules/python.ts';
import { GETTING_CLIENT, QUEUE_SERVER } from './modules/queue-programs.ts';

/** What we use of Python's queue.Queue. */
interface RemoteQueue {
  put(item: string): void;
  qsize(): number;
}

if (isMainModule(import.meta)) {
  const python = new PythonProgram(QUEUE_SERVER);
  const port = Number(await python.line());

  const m = new BaseManager({ address: ['127.0.0.1', port], authkey: 'abracadabra', serializer: 'python' });
  await m.connect();
  const queue = await m.create<RemoteQueue>('get_queue');
  await queue.put('hello');
  console.log(`the queue holds ${await queue.qsize()} item`);

  const client2 = new PythonProgram(GETTING_CLIENT, String(port));
  console.log(`client 2, in Python, got ${await client2.line()}`);
  await client2.ended();
  await m.shutdown();
  await python.interrupt();
}
