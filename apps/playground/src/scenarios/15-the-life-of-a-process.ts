/**
 * A process before its start, while it runs, and after it was terminated.
 *
 * From: Python docs, the example at the end of The Process class (row 15)
 * Look at: the state in the text of the object, and the exit code: minus the number of the signal.
 * Differs: Python waits 0.1 s for the end; `join()` waits until it is there. The target is Node's own promise of a timer,
 *   in place of `time.sleep`; in milliseconds.
 *
 * Prints:
 *     <SpawnProcess name='SpawnProcess-1' parent=<pid:program> initial> false
 *     <SpawnProcess name='SpawnProcess-1' pid=<pid:child> parent=<pid:program> started> true
 *     <SpawnProcess name='SpawnProcess-1' pid=<pid:child> parent=<pid:program> stopped exitcode=-SIGTERM> false
 *     true
 */
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { getContext, isMainModule } from '@mp/multiprocessing';

if (isMainModule(import.meta)) {
  const context = getContext('spawn');
  const p = new context.Process({ target: sleep, args: [1_000_000] });
  console.log(p, p.isAlive());
  await p.start();
  console.log(p, p.isAlive());
  p.terminate();
  await p.join();
  console.log(p, p.isAlive());
  console.log(p.exitCode === -constants.signals.SIGTERM);
}
