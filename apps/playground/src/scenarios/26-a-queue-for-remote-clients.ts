/**
 * A server with one queue, for clients on other machines; both of them are real Pythons here.
 *
 * From: Python docs, Using a remote manager: the server (row 26)
 * Look at: `create` gives the same queue to whoever asks, so there is one queue for all of them. The clients are the
 *   programs of the docs, with nothing but Python's own multiprocessing.
 * Differs: Python's port is 50000; here it is any that is free. Clients in TypeScript need no `serializer` (row 29).
 *
 * Prints:
 *     client 1 has put it, exit code 0
 *     the queue holds 1 item
 *     client 2 got 'hello'
 *     the queue holds 0 items
 */
import { BaseManager, isMainModule, Queue } from '@mp/multiprocessing';
import { PythonProgram } from './modules/python.ts';
import { GETTING_CLIENT, PUTTING_CLIENT } from './modules/queue-programs.ts';

if (isMainModule(import.meta)) {
  const queue = new Queue<string>();
  const QueueManager = BaseManager.register('get_queue', { create: () => queue });
  const m = new QueueManager({ address: ['', 0], authkey: 'abracadabra', serializer: 'python' });
  const s = m.getServer();
  const serving = s.serveForever();
  const port = String(s.address[1]);

  const client1 = new PythonProgram(PUTTING_CLIENT, port);
  console.log(`client 1 has put it, exit code ${await client1.ended()}`);
  console.log(`the queue holds ${queue.qsize()} item`);

  const client2 = new PythonProgram(GETTING_CLIENT, port);
  console.log(`client 2 got ${await client2.line()}`);
  await client2.ended();
  console.log(`the queue holds ${queue.qsize()} items`);

  s.stop();
  await serving;
}
