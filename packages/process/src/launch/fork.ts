import { Pipe } from '@mp/connection/internal';
import { ForkError, forkProcess } from '@mp/native';
import { runForked } from '../child/forked.ts';
import { StartError } from '../errors.ts';
import type { Report } from '../protocol.ts';
import { ForkedChild } from './forked-child.ts';
import type { Launcher } from './launcher.ts';

/**
 * `fork`: a copy of the running process.
 *
 *     parent                                             child
 *     ──────                                             ─────
 *     makes a pipe
 *     forks, when its event loop comes to an immediate ▶ child/forked.ts: becomes who the Process object says, starts
 *                                                        the watchdog on the socket, runs the object
 *     closes the child's end
 *     reads reports when the child has ended  ◀───────── an uncaught error, then exit
 *     learns of the end from a pidfd, and reaps it
 *
 * Nothing is pickled: the child has the object itself, with its target, its arguments and all that they refer to.
 */
export const forkLauncher: Launcher = {
  start: async ({ preparation, become }) => {
    const [ours, theirs] = Pipe<Report, never>();
    let pid: number;
    try {
      pid = await forkProcess(() => {
        ours.close();
        runForked(preparation, become(), theirs);
      });
    } catch (error) {
      ours.close();
      theirs.close();
      throw error instanceof ForkError ? new StartError(error.message, { cause: error.cause ?? error }) : error;
    }
    // Before descriptors are needed for the child: there must be some.
    theirs.close();
    return new ForkedChild(pid, ours);
  },

  startSync: () => {
    throw new StartError(
      'startSync: a process cannot be forked in the middle of a function, because the copy would be in the middle of it, too. ' +
        'Use `await process.start()`, or another start method.',
    );
  },
};
