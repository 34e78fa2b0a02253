/**
 * A program that is the server of a manager itself: it listens, and serves until it is told to stop.
 *
 * From: Python docs, BaseManager.get_server (row 22)
 * Look at: an empty host is every interface of the machine. `serveForever` is a promise: the program serves while it does
 *   other things, here it waits for its visitors. Somebody without the key is turned away, and the server goes on.
 * Differs: Python listens on port 50000; here it is any that is free. Its `serve_forever` blocks the thread, and ends by
 *   exiting the process.
 *
 * Prints:
 *     listening on 0.0.0.0
 *     process <pid:stranger> is turned away: AuthenticationError
 *     process <pid:client> is connected, and sees 0 objects
 *     the server was stopped
 *     nobody is there any more: ConnectError
 */
import {
  type Address,
  AuthenticationError,
  BaseManager,
  ConnectError,
  isMainModule,
  Process,
} from '@mp/multiprocessing';

export async function visit(address: Address, authkey: string): Promise<void> {
  const manager = new BaseManager({ address, authkey });
  try {
    await manager.connect();
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error;
    console.log(`process ${process.pid} is turned away: ${error.name}`);
    return;
  }
  console.log(`process ${process.pid} is connected, and sees ${await manager.numberOfObjects()} objects`);
  await manager.shutdown();
}

if (isMainModule(import.meta)) {
  const manager = new BaseManager({ address: ['', 0], authkey: 'abc' });
  const server = manager.getServer();
  const [host, port] = server.address as readonly [string, number];
  console.log(`listening on ${host}`);
  const serving = server.serveForever();

  for (const authkey of ['xyz', 'abc']) {
    const visitor = new Process({ target: visit, args: [['127.0.0.1', port], authkey] });
    await visitor.start();
    await visitor.join();
  }

  server.stop();
  await serving;
  console.log('the server was stopped');
  try {
    await new BaseManager({ address: ['127.0.0.1', port], authkey: 'abc' }).connect();
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    console.log(`nobody is there any more: ${error.name}`);
  }
}
