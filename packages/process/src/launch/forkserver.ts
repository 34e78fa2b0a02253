import { type Connection, Pipe } from '@mp/connection/internal';
import { TimeoutError } from '@mp/errors';
import { type WaitOptions, waitWithin } from '@mp/native';
import { forkServer } from '../forkserver/current.ts';
import type { ForkServer, PendingStart } from '../forkserver/server.ts';
import { ForkServerChild } from '../forkserver/server-child.ts';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import type { Child, Launcher, Order } from './launcher.ts';
import { sendOrder } from './send-order.ts';

/**
 * `forkserver`: a copy of a clean process that has loaded the modules already.
 *
 *     parent                           fork server                      child
 *     ──────                           ───────────                      ─────
 *     makes a pipe, sends preparation
 *     and assignment into it
 *     sends the child's end, working
 *     directory and environment  ────▶ forks ─────────────────────────▶ forkserver/child.ts: is as a spawned child
 *     ◀─────────────────────────────── its number
 *     opens a descriptor for it  ────▶
 *     ◀─────────────────────────────── how it ended  ◀───────────────── exit
 *     ◀──────────────────────────────────────────────────────────────── an uncaught error, before that
 */
export const forkserverLauncher: Launcher = {
  start: async (order, options) => {
    const request = send(order);
    let pid: number;
    try {
      pid = await waitForStart(request, order.preparation.name, options);
    } catch (error) {
      request.server.giveUp(request.pending);
      request.ours.close();
      throw error;
    }
    return adopt(request, pid);
  },

  startSync: (order) => {
    const request = send(order);
    let pid: number;
    try {
      pid = request.server.waitForStart(request.pending);
    } catch (error) {
      request.ours.close();
      throw error;
    }
    return adopt(request, pid);
  },
};

interface Request {
  readonly server: ForkServer;
  readonly pending: PendingStart;
  readonly ours: Connection<Report, Preparation | Assignment>;
}

const waitForStart = ({ pending }: Request, name: string, options: WaitOptions): Promise<number> =>
  waitWithin<number>(options, {
    what: `start: waiting for the fork server to start ${name}`,
    begin: (resolve, reject) => {
      pending.started.then(resolve, reject);
      return () => {};
    },
    late: () => {
      const { timeout = 0 } = options;
      throw new TimeoutError(
        `start: the fork server has not started ${name} within ${timeout} ms. There is no process.`,
        { timeout },
      );
    },
  });

function adopt({ server, pending, ours }: Request, pid: number): Child {
  try {
    return new ForkServerChild(server, pending.id, pid, ours);
  } catch (error) {
    // No descriptor for it: then there is to be no child.
    server.abandon(pending.id, pid);
    ours.close();
    throw error;
  }
}

function send(order: Order): Request {
  const [ours, theirs] = Pipe<Report, Preparation | Assignment>();
  try {
    sendOrder(ours, order);
    const server = forkServer();
    return { server, pending: server.requestStart(theirs), ours };
  } catch (error) {
    ours.close();
    throw error;
  } finally {
    theirs.close();
  }
}
