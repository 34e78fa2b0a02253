/** For scenarios 26 to 28: the three programs of Python's docs. They find a free port, and are told which one it is. */

/** The server: it prints its port, and serves one queue. */
export const QUEUE_SERVER: string = `
from multiprocessing.managers import BaseManager
from queue import Queue
queue = Queue()
class QueueManager(BaseManager): pass
QueueManager.register('get_queue', callable=lambda: queue)
m = QueueManager(address=('', 0), authkey=b'abracadabra')
s = m.get_server()
print(s.address[1], flush=True)
s.serve_forever()
`;

const CONNECT = `
import sys
from multiprocessing.managers import BaseManager
class QueueManager(BaseManager): pass
QueueManager.register('get_queue')
m = QueueManager(address=('127.0.0.1', int(sys.argv[1])), authkey=b'abracadabra')
m.connect()
queue = m.get_queue()
`;

/** The client that puts. */
export const PUTTING_CLIENT: string = `${CONNECT}
queue.put('hello')
`;

/** The client that gets, and prints what it got. */
export const GETTING_CLIENT: string = `${CONNECT}
print(repr(queue.get()))
`;
