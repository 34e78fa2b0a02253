/**
 * What a forked child does first. Its parent's side is launch/fork.ts; what had to be done to the process itself,
 * @mp/native has done before.
 *
 *     1. starts the watchdog: it cannot outlive its parent, even when it ignores the signal of the kernel
 *     2. becomes who the Process object says, who has no children yet
 *     3. gets an empty standard input
 *     4. runs the object
 *     5. ends when nothing is under way any more, or at once after an error that nobody caught
 */
import { constants } from 'node:os';
import type { Connection } from '@mp/connection/internal';
import { setStartMethod } from '@mp/context';
import { endWithParent, setParentDeathSignal } from '@mp/native';
import { ParentProcess } from '../parent-process.ts';
import type { Process } from '../process.ts';
import type { Preparation, Report } from '../protocol.ts';
import { self } from '../self.ts';
import { announce } from './announce.ts';
import { watchForEmptyLoop } from './empty-loop.ts';
import { emptyStandardInput } from './standard-input.ts';
import { endOnUncaughtErrors, endWithError } from './uncaught.ts';
import { tellUnfinished } from './unfinished.ts';

const { SIGTERM } = constants.signals;

export function runForked(preparation: Preparation, us: Process, parent: Connection<unknown, Report>): void {
  endWithParent(parent.fileno());
  setParentDeathSignal(SIGTERM);
  becomeForked(preparation, us);
  emptyStandardInput();
  endOnUncaughtErrors(parent);
  void run(us, parent);
}

function becomeForked({ identity, startMethod, parent }: Preparation, us: Process): void {
  self.current = us;
  self.identity = identity;
  self.counted = 0;
  self.bootstrapping = false;
  self.parent = new ParentProcess(parent);
  setStartMethod(startMethod, { force: true });
}

async function run(us: Process, parent: Connection<unknown, Report>): Promise<void> {
  const finished = watchForEmptyLoop(() => tellUnfinished('the promise of its target', parent));
  try {
    announce();
    await us.run();
    finished();
  } catch (error) {
    endWithError(error, parent);
  }
}
