import { getExecutable } from '@mp/context';
import { atFork } from '@mp/native';
import { childExecArguments } from '../launch/exec-arguments.ts';
import { ForkServer } from './server.ts';

let current: ForkServer | undefined;
let startedAs = '';

/**
 * The fork server of this process: started by the first who asks, and again when it has died, or when another program
 * or other options are to be run since. It ends with this process.
 *
 * @throws StartError if it cannot be started
 */
export function forkServer(): ForkServer {
  const wanted = JSON.stringify([getExecutable(), childExecArguments()]);
  if (current === undefined || current.lost || startedAs !== wanted) {
    // One that other children were started by goes on until they have ended.
    const before = current;
    current = new ForkServer();
    startedAs = wanted;
    before?.retire();
  }
  return current;
}

/**
 * Starts it now, so that the first process that is started by it need not wait.
 *
 * Python: `multiprocessing.forkserver.ensure_running`.
 */
export function startForkServer(): void {
  forkServer();
}

// A forked child starts one of its own: the answers would go to the parent, or to both.
atFork({
  child: () => {
    current?.leaveToParent();
    current = undefined;
  },
});
