/**
 * A method is called by its name; first of a list that TypeScript serves, then of one in a real Python.
 *
 * From: Python docs, BaseProxy._callmethod (row 35)
 * Look at: a list in Python has Python's methods, `__len__` and `__getitem__`; one of ours has those of Array. What a method
 *   throws is thrown here; a method that is not exposed is refused.
 * Differs: Array's `at` gives undefined beyond the end; `set` and `pop` throw a RangeError in place of the IndexError.
 *
 * Prints:
 *     10
 *     [ 2, 3, 4, 5, 6 ]
 *     RangeError: list.pop: there is no index 20 in a list of 10.
 *     RemoteError: objects of type 'list' have no such method for clients
 *     --- in Python
 *     10
 *     [ 2, 3, 4, 5, 6 ]
 *     PythonError: IndexError: list index out of range
 *     RemoteError: method '__class__' of <class 'list'> object is not in exposed
 */
import {
  BaseManager,
  type BaseProxy,
  callMethod,
  isMainModule,
  Manager,
  RemoteError,
  Slice,
} from '@mp/multiprocessing';
import { PythonProgram } from './modules/python.ts';

const SERVER = `
from multiprocessing.managers import SyncManager
server = SyncManager(address=('127.0.0.1', 0), authkey=b'abc').get_server()
print(server.address[1], flush=True)
server.serve_forever()
`;

async function tell(proxy: BaseProxy, method: string, ...args: readonly unknown[]): Promise<void> {
  try {
    console.log(await callMethod(proxy, method, args));
  } catch (error) {
    // Why it is refused, without the list of what is not.
    const [reason] = /method '.*exposed|objects of type .*clients/.exec(`${error}`) ?? [];
    console.log(error instanceof RemoteError ? `${error.name}: ${reason}` : `${error}`);
  }
}

if (isMainModule(import.meta)) {
  const range = Array.from({ length: 10 }, (_, i) => i);
  const manager = await Manager();
  const l = await manager.list(range);
  await tell(l, 'length');
  await tell(l, 'slice', 2, 7);
  await tell(l, 'pop', 20);
  await tell(l, 'constructor');
  await manager.shutdown();

  console.log('--- in Python');
  const python = new PythonProgram(SERVER);
  const port = Number(await python.line());
  const remote = new BaseManager({ address: ['127.0.0.1', port], authkey: 'abc', serializer: 'python' });
  await remote.connect();
  const list = await remote.create('list', range);
  await tell(list, '__len__');
  await tell(list, '__getitem__', new Slice(2, 7));
  await tell(list, '__getitem__', 20);
  await tell(list, '__class__');
  await remote.shutdown();
  await python.interrupt();
}
