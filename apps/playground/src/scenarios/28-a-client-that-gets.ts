/**
 * A client gets from the queue of a server that is a real Python what another Python has put there.
 *
 * From: Python docs, Using a remote manager: another client (row 28)
 * Look at: `get` waits for an item and keeps nobody else waiting. Given up by a time-out here, it goes on in Python, and
 *   would swallow the next item: so a time limit is better told to Python, in seconds.
 * Differs: the host is this machine, and the port any that is free; in the docs it is foo.bar.org and 50000.
 *
 * Prints:
 *     nothing in it yet: QueueEmptyError
 *     'hello'
 */
import { inspect } from 'node:util';
import { BaseManager, isMainModule, QueueEmptyError } from '@mp/multiprocessing';
import { PythonProgram } from './modules/python.ts';
import { PUTTING_CLIENT, QUEUE_SERVER } from './modules/queue-programs.ts';

/** What we use of Python's queue.Queue. */
interface RemoteQueue {
  get(block?: boolean, seconds?: number): string;
}

if (isMainModule(import.meta)) {
  const python = new PythonProgram(QUEUE_SERVER);
  const port = Number(await python.line());

  const m = new BaseManager({ address: ['127.0.0.1', port], authkey: 'abracadabra', serializer: 'python' });
  await m.connect();
  const queue = await m.create<RemoteQueue>('get_queue');
  try {
    await queue.get(true, 0.01);
  } catch (error) {
    if (!(error instanceof QueueEmptyError)) throw error;
    console.log(`nothing in it yet: ${error.name}`);
  }

  const item = queue.get();
  const client1 = new PythonProgram(PUTTING_CLIENT, String(port));
  console.log(inspect(await item));
  await client1.ended();
  await m.shutdown();
  await python.interrupt();
}
