/**
 * Who is whose child, and what `join()` blocks: the function that awaits it, and nobody else.
 *
 * From: 002
 * Look at: «the calling thread» of Python's `join()` is all that there is of a Node program. So `join()` is a promise, and
 *   everything else goes on; `joinSync()` is the one that blocks the thread, with its timers and all.
 * Differs: Python has the second form only.
 *
 * Prints:
 *     main line: process <pid:program>, parent process <pid:runner>
 *     function f: process <pid:first>, parent process <pid:program>
 *     hello bob
 *     a timer of the main program, while join() waits
 *     join() is over, exit code 0
 *     function f: process <pid:second>, parent process <pid:program>
 *     hello alice
 *     joinSync() is over, exit code 0
 *     a timer of the main program, which was due long ago
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, isMainModule, Pipe, Process } from '@mp/multiprocessing';

function info(title: string): void {
  console.log(`${title}: process ${process.pid}, parent process ${process.ppid}`);
}

/** Says hello, tells so, and stays until it is told to leave. */
export async function f(name: string, main: Connection<string, string>): Promise<void> {
  info('function f');
  console.log(`hello ${name}`);
  await main.send('here I am');
  await main.recv();
}

if (isMainModule(import.meta)) {
  info('main line');

  const [toBob, bobsEnd] = Pipe<string, string>();
  const bob = new Process({ target: f, args: ['bob', bobsEnd] });
  await bob.start();
  const end = bob.join();
  await toBob.recv();
  await sleep(1);
  console.log('a timer of the main program, while join() waits');
  await toBob.send('leave');
  await end;
  console.log(`join() is over, exit code ${bob.exitCode}`);

  const [toAlice, alicesEnd] = Pipe<string, string>();
  const alice = new Process({ target: f, args: ['alice', alicesEnd] });
  await alice.start();
  setTimeout(() => console.log('a timer of the main program, which was due long ago'), 1);
  toAlice.sendSync('leave');
  alice.joinSync();
  console.log(`joinSync() is over, exit code ${alice.exitCode}`);
}
