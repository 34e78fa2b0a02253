/**
 * A child sends a list through a pipe and closes its end; the parent receives it, and then the end.
 *
 * From: Python docs, Pipes (row 7); 002
 * Look at: the parent closes its copy of the child's end, so that it hears when the last holder of that end is gone: then
 *   the loop over the messages is over.
 * Differs: Python's None is null here. Python leaves the second `close()` out, and would wait for ever for the end.
 *
 * Prints:
 *     [ 42, null, 'hello' ]
 *     nothing more will come
 */
import { type Connection, isMainModule, Pipe, Process } from '@mp/multiprocessing';

type Message = readonly [number, null, string];

export async function sendAndClose(connection: Connection<never, Message>): Promise<void> {
  await connection.send([42, null, 'hello']);
  connection.close();
}

if (isMainModule(import.meta)) {
  const [ours, theirs] = Pipe<Message, never>();
  const child = new Process({ target: sendAndClose, args: [theirs] });
  await child.start();
  theirs.close();
  for await (const message of ours) console.log(message);
  console.log('nothing more will come');
  await child.join();
}
