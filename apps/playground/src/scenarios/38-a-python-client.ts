/**
 * A real Python process is the other end of a connection.
 *
 * From: Python docs, Listeners and clients (row 38); its own program is the client
 * Look at: the Python program uses nothing but its own multiprocessing. Frames and handshake are CPython's.
 * Differs: older Pythons can only do a handshake with MD5, which has to be allowed. A tuple arrives as a frozen array, a
 *   dict as a Map.
 *
 * Prints:
 *     Python says [ 'hello', 42, Map(1) { 'pi' => 3.14 } ]
 *     and got [1, 'two', None, 12345678901234567890]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isMainModule, Listener } from '@mp/multiprocessing';

const PROGRAM = `
import sys
from multiprocessing.connection import Client
with Client(('127.0.0.1', int(sys.argv[1])), authkey=b'secret password') as connection:
    connection.send(['hello', 42, {'pi': 3.14}])
    print('and got', connection.recv())
`;

if (isMainModule(import.meta)) {
  const listener = new Listener(['127.0.0.1', 0], { authkey: 'secret password', codec: 'pickle', allowMd5: true });
  const python = spawn('python3', ['-c', PROGRAM, String(listener.address[1])], { stdio: 'inherit' });
  const ended = once(python, 'exit');
  const connection = await listener.accept();
  console.log('Python says', await connection.recv());
  await connection.send([1, 'two', null, 12345678901234567890n]);
  await ended;
  connection.close();
  listener.close();
}
