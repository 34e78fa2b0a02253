/**
 * A manager connects to a server that is there already: a real Python, which runs the other half of the docs' example.
 *
 * From: Python docs, BaseManager.connect (row 23)
 * Look at: `serializer: 'python'` is all that it takes; with a server in TypeScript it is left out (row 22). `shutdown`
 *   of a manager that was only connected disconnects it; the server goes on.
 * Differs: Python's port is 50000; here it is any that is free.
 *
 * Prints:
 *     connected: 0 objects
 *     disconnected, and connected again: 0 objects
 *     after Ctrl-C in Python, which ends with exit code 0: ManagerLostError
 */
import { BaseManager, isMainModule, ManagerLostError } from '@mp/multiprocessing';
import { PythonProgram } from './modules/python.ts';

const SERVER = `
from multiprocessing.managers import BaseManager
manager = BaseManager(address=('', 0), authkey=b'abc')
server = manager.get_server()
print(server.address[1], flush=True)
server.serve_forever()
`;

if (isMainModule(import.meta)) {
  const python = new PythonProgram(SERVER);
  const port = Number(await python.line());

  const first = new BaseManager({ address: ['127.0.0.1', port], authkey: 'abc', serializer: 'python' });
  await first.connect();
  console.log(`connected: ${await first.numberOfObjects()} objects`);
  await first.shutdown();

  const m = new BaseManager({ address: ['127.0.0.1', port], authkey: 'abc', serializer: 'python' });
  await m.connect();
  console.log(`disconnected, and connected again: ${await m.numberOfObjects()} objects`);

  const exitCode = await python.interrupt();
  try {
    await m.numberOfObjects();
  } catch (error) {
    if (!(error instanceof ManagerLostError)) throw error;
    console.log(`after Ctrl-C in Python, which ends with exit code ${exitCode}: ${error.name}`);
  }
  await m.shutdown();
}
