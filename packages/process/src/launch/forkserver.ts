import { type Connection, Pipe } from '@mp/connection/internal';
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
  start: async (order) => {
    const request = send(order);
    try {
      return adopt(request, await request.pending.started);
    } catch (error) {
      request.ours.close();
      throw error;
    }
  },

  startSync: (order) => {
    const request = send(order);
    try {
      return adopt(request, request.server.waitForStart(request.pending));
    } catch (error) {
      request.ours.close();
      throw error;
    }
  },
};

interface Request {
  readonly server: ForkServer;
  readonly pending: PendingStart;
  readonly ours: Connection<Report, Preparation | Assignment>;
}

function adopt({ server, pending, ours }: Request, pid: number): Child {
  try {
    return new ForkServerChild(server, pending.id, pid, ours);
  } catch (error) {
    // No descriptor for it: then there is to be no child.
    server.abandon(pending.id, pid);
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
