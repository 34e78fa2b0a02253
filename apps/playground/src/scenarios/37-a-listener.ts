/**
 * A listener waits for a client that knows its secret, and sends it objects and bytes. The client is a real Python.
 *
 * From: Python docs, Listeners and clients: the server (row 37)
 * Look at: the client is the program of the docs (row 38), with nothing but Python's own multiprocessing; the frames and the
 *   handshake are CPython's. Who does not know the key is not let in.
 * Differs: Python's port is 6000; here it is any that is free. Python also sends the class float: what comes or goes over
 *   the network names no code here. Pythons before 3.12 know only MD5, which has to be allowed.
 *
 * Prints:
 *     connection accepted from 127.0.0.1
 *     [2.25, None, 'junk']
 *     b'hello'
 *     8
 *     array('i', [42, 1729, 0, 0, 0])
 *     without the key: AuthenticationError
 *     nobody else came: ClosedError
 */
import { type Address, AuthenticationError, Client, isMainModule, Listener, Process } from '@mp/multiprocessing';
import { PythonProgram } from './modules/python.ts';

const CLIENT = `
import sys
from multiprocessing.connection import Client
from array import array
address = ('localhost', int(sys.argv[1]))
with Client(address, authkey=b'secret password') as conn:
    print(conn.recv())
    print(conn.recv_bytes())
    arr = array('i', [0, 0, 0, 0, 0])
    print(conn.recv_bytes_into(arr))
    print(arr)
`;

export async function comeWithoutTheKey(address: Address): Promise<void> {
  try {
    await Client(address, { authkey: 'another one' });
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error;
    console.log(`without the key: ${error.name}`);
  }
}

if (isMainModule(import.meta)) {
  const address = ['localhost', 0] as const;
  const listener = new Listener(address, { authkey: 'secret password', codec: 'pickle', allowMd5: true });
  const python = new PythonProgram(CLIENT, String(listener.address[1]));

  const conn = await listener.accept();
  console.log(`connection accepted from ${listener.lastAccepted?.[0]}`);
  await conn.send([2.25, null, 'junk']);
  await conn.sendBytes(Buffer.from('hello'));
  await conn.sendBytes(Int32Array.from([42, 1729]));
  for (let i = 0; i < 4; i++) console.log(await python.line());
  await python.ended();
  conn.close();

  // Visitors are asked for the key while somebody accepts. Nobody who has it comes any more.
  const next = listener.accept();
  const stranger = new Process({ target: comeWithoutTheKey, args: [listener.address] });
  await stranger.start();
  await stranger.join();
  listener.close();
  await next.catch((error: Error) => console.log(`nobody else came: ${error.name}`));
}
