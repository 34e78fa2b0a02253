import { Pipe } from '@mp/connection/internal';
import { TimeoutError } from '@mp/errors';
import { canFork, Deadline, ForkError, forkProcess } from '@mp/native';
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
  start: async ({ preparation, become }, options) => {
    const deadline = Deadline.after(options.timeout);
    const [ours, theirs] = Pipe<Report, never>();
    let pid: number;
    try {
      pid = await forkProcess(() => {
        ours.close();
        runForked(preparation, become(), theirs);
      }, options);
    } catch (error) {
      ours.close();
      theirs.close();
      if (!(error instanceof ForkError)) throw error;
      const { message, cause = error } = error;
      if (!deadline.expired || canFork() !== undefined) throw new StartError(message, { cause });
      throw new TimeoutError(`start: ${preparation.name} was not started in time. ${message}`, {
        timeout: deadline.timeout,
        cause,
      });
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
