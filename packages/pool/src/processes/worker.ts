import type { Connection } from '@mp/connection';
import { allowChildren, outputTaken } from '@mp/process/internal';
import type { FromWorker, ToWorker } from '../protocol.ts';
import { serve } from '../worker/serve.ts';
import { closeInheritedEnds } from './inherited-ends.ts';

/** What a worker process runs. The pool's side is worker-process.ts. */
export async function runWorker(connection: Connection<ToWorker, FromWorker>): Promise<void> {
  closeInheritedEnds(connection);
  // Ctrl-C goes to all processes of a terminal, and what becomes of the tasks is for the pool's program to say: if it
  // ends, we end with it. Python: workers die of it with a traceback each.
  process.on('SIGINT', () => {});
  // Pools, too. Python: daemonic, so it may not.
  allowChildren();
  await serve(connection);
  connection.close();
  await outputTaken();
  // Timers and sockets that tasks have left behind would keep the worker, and whoever joins the pool.
  process.exit();
}
