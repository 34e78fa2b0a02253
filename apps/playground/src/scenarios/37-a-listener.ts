/**
 * A listener waits for a client that knows its secret, and sends it objects and bytes.
 *
 * From: Python docs, Listeners and clients (row 37)
 * Look at: the client is a child here, and could be any process that reaches the address, a Python one too with
 *   `{ codec: 'pickle' }`. Who does not know the key is not let in.
 * Differs: Python also sends the class float. What comes over the network names no code here, unless it is allowed to.
 *
 * Prints:
 *     connection accepted from 127.0.0.1
 *     [ 2.25, null, 'junk' ]
 *     hello
 *     8
 *     Int32Array(5) [ 42, 1729, 0, 0, 0 ]
 *     without the key: AuthenticationError
 *     nobody else came: ClosedError
 */
import { type Address, AuthenticationError, Client, isMainModule, Listener, Process } from '@mp/multiprocessing';

export async function connect(address: Address): Promise<void> {
  const connection = await Client(address, { authkey: 'secret password' });
  console.log(await connection.recv());
  console.log((await connection.recvBytes()).toString());
  const numbers = new Int32Array(5);
  console.log(await connection.recvBytesInto(numbers));
  console.log(numbers);
  connection.close();
  try {
    await Client(address, { authkey: 'another one' });
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error;
    console.log(`without the key: ${error.name}`);
  }
}

if (isMainModule(import.meta)) {
  const listener = new Listener(['127.0.0.1', 0], { authkey: 'secret password' });
  const client = new Process({ target: connect, args: [listener.address] });
  await client.start();

  const connection = await listener.accept();
  console.log(`connection accepted from ${listener.lastAccepted?.[0]}`);
  await connection.send([2.25, null, 'junk']);
  await connection.sendBytes(Buffer.from('hello'));
  await connection.sendBytes(Int32Array.from([42, 1729]));

  // Visitors are asked for the key while somebody accepts. Nobody who has it comes any more.
  const next = listener.accept();
  await client.join();
  connection.close();
  listener.close();
  await next.catch((error: Error) => console.log(`nobody else came: ${error.name}`));
}
