/**
 * A client connects to a listener, and receives objects and bytes from it. The listener is a real Python.
 *
 * From: Python docs, Listeners and clients: the client (row 38)
 * Look at: the listener is the program of the docs (row 37). `recvBytesInto` fills memory that is there already, and says
 *   how many bytes came.
 * Differs: Python's port is 6000; here it is any that is free. Its list also contains the class float: that is refused, and
 *   not looked for; the connection goes on. So the listener sends the list once more, without.
 *
 * Prints:
 *     UnpicklingError, which names builtins.float
 *     [ 2.25, null, 'junk' ]
 *     hello
 *     8
 *     Int32Array(5) [ 42, 1729, 0, 0, 0 ]
 *     and then the end: EOFError
 */
import { Client, EOFError, isMainModule, UnpicklingError } from '@mp/multiprocessing';
import { PythonProgram } from './modules/python.ts';

const LISTENER = `
from multiprocessing.connection import Listener
from array import array
address = ('localhost', 0)
with Listener(address, authkey=b'secret password') as listener:
    print(listener.address[1], flush=True)
    with listener.accept() as conn:
        conn.send([2.25, None, 'junk', float])
        conn.send([2.25, None, 'junk'])
        conn.send_bytes(b'hello')
        conn.send_bytes(array('i', [42, 1729]))
`;

if (isMainModule(import.meta)) {
  const python = new PythonProgram(LISTENER);
  const port = Number(await python.line());
  const options = { authkey: 'secret password', codec: 'pickle', allowMd5: true } as const;
  const conn = await Client(['localhost', port], options);
  try {
    await conn.recv();
  } catch (error) {
    if (!(error instanceof UnpicklingError)) throw error;
    console.log(`${error.name}, which names ${/\w+\.float/.exec(error.message)}`);
  }
  console.log(await conn.recv());
  console.log((await conn.recvBytes()).toString());
  const arr = new Int32Array(5);
  console.log(await conn.recvBytesInto(arr));
  console.log(arr);
  try {
    await conn.recv();
  } catch (error) {
    if (!(error instanceof EOFError)) throw error;
    console.log(`and then the end: ${error.name}`);
  }
  await python.ended();
  conn.close();
}
