/**
 * Two contexts in one program, and what happens when a process starts by each of them.
 *
 * From: 003
 * Look at: spawn sends the preparation data (name, arguments, folder, key) and then the process object, before there is a
 *   process; fork sends nothing. The rest is the same. What a child says is in its own name.
 *
 * Prints:
 *     hello from SpawnProcess-1
 *     hello from ForkProcess-2
 *
 * Prints to stderr:
 *     [DEBUG/MainProcess] SpawnProcess-1: preparation data sent
 *     [DEBUG/MainProcess] SpawnProcess-1: process object sent
 *     ~ [DEBUG/MainProcess] SpawnProcess-1: started, pid <pid:spawned>
 *     ~ [INFO/SpawnProcess-1] child process calling self.run()
 *     ~ [INFO/SpawnProcess-1] process exiting with exitcode 0
 *     [DEBUG/MainProcess] SpawnProcess-1: ended with exit code 0
 *     ~ [DEBUG/MainProcess] ForkProcess-2: started, pid <pid:forked>
 *     ~ [INFO/ForkProcess-2] child process calling self.run()
 *     ~ [INFO/ForkProcess-2] process exiting with exitcode 0
 *     [DEBUG/MainProcess] ForkProcess-2: ended with exit code 0
 */
import { currentProcess, getContext, isMainModule, logToStderr } from '@mp/multiprocessing';

export function hello(): void {
  console.log(`hello from ${currentProcess().name}`);
}

if (isMainModule(import.meta)) {
  logToStderr('DEBUG');
  for (const context of [getContext('spawn'), getContext('fork')]) {
    const p = new context.Process({ target: hello });
    await p.start();
    await p.join();
  }
}
