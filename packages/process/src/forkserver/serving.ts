import { inspect } from 'node:util';
import type { Connection } from '@mp/connection/internal';
import { Inbox } from '@mp/connection/internal';
import { closeDescriptor, forkProcess, openProcess, PollHandle, READABLE, reapChild } from '@mp/native';
import { exitCodeOf } from '../launch/exit-code.ts';
import { runRequested } from './child.ts';
import type { FromServer, StartRequest, ToServer } from './protocol.ts';

/** A child of the server that has not been reaped. */
interface Running {
  readonly pidfd: number;
  readonly handle: PollHandle;
  /** Its user has a descriptor for it: its number may be given to another process. */
  opened: boolean;
  ended: boolean;
}

/** Forks a child for each request, and tells its user what becomes of them. */
export function serve(user: Connection<ToServer, FromServer>): void {
  const running = new Map<number, Running>();

  const send = (message: FromServer): void => {
    // Its user is gone, or will be told by the end of the connection.
    user.send(message).catch(() => {});
  };

  const reapIfDone = (id: number): void => {
    const child = running.get(id);
    if (child === undefined || !child.opened || !child.ended) return;
    running.delete(id);
    const end = reapChild(child.pidfd);
    child.handle.close();
    closeDescriptor(child.pidfd);
    send({ kind: 'ended', id, exitCode: end === undefined || end === 'gone' ? 255 : exitCodeOf(end.code, end.signal) });
  };

  const watch = (id: number, pid: number): void => {
    const pidfd = openProcess(pid);
    const handle = new PollHandle(pidfd, () => {
      handle.stop();
      child.ended = true;
      reapIfDone(id);
    });
    const child: Running = { pidfd, handle, opened: false, ended: false };
    running.set(id, child);
    handle.start(READABLE);
  };

  const start = async (request: StartRequest): Promise<void> => {
    const { id, end } = request;
    try {
      const pid = await forkProcess(() => {
        // What the server has for itself and for other children.
        inbox.close();
        user.close();
        for (const { handle, pidfd } of running.values()) {
          handle.close();
          closeDescriptor(pidfd);
        }
        runRequested(request);
      });
      watch(id, pid);
      send({ kind: 'started', id, pid });
    } catch (error) {
      send({ kind: 'refused', id, reason: error instanceof Error ? error.message : String(error) });
    } finally {
      end.close();
    }
  };

  /** One after the other: each child would inherit the ends of those whose turn comes later. */
  let turn: Promise<void> = Promise.resolve();

  const inbox = new Inbox(user.transport, {
    message: (value) => {
      const message = value as ToServer;
      if (message.kind === 'start') {
        turn = turn.then(() => start(message));
      } else if (message.kind === 'opened') {
        const child = running.get(message.id);
        if (child !== undefined) child.opened = true;
        reapIfDone(message.id);
      }
    },
    undecodable: (error) => {
      process.stderr.write(`A request to the fork server could not be understood: ${inspect(error)}\n`);
    },
    // Children that still run have a watchdog of their own.
    ended: () => process.exit(0),
  });
  inbox.open();
  inbox.keepLoopAlive(true);
}
