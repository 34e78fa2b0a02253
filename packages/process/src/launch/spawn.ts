import type { ChildProcess } from 'node:child_process';
import { type Connection, Pipe } from '@mp/connection/internal';
import { closeDescriptor, openProcess, waitChildSync } from '@mp/native';
import { childEntry } from '../child-entry.ts';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import { beforeReaping } from './before-reaping.ts';
import { exitCodeOf } from './exit-code.ts';
import type { Child, Ending, Launcher } from './launcher.ts';
import { sendOrder } from './send-order.ts';
import { startNode } from './start-node.ts';

/**
 * `spawn`: a fresh `node`.
 *
 *     parent                                             child
 *     ──────                                             ─────
 *     makes a pipe
 *     sends preparation and assignment into it           (does not exist yet; errors of pickling come up here)
 *     starts node with the child's end as descriptors
 *     3 to 6, and closes its own copies of them ───────▶ child/start.ts: reads the preparation, starts the watchdog on
 *                                                        the socket, imports what the assignment needs, runs it
 *     reads reports when the child has ended  ◀───────── an uncaught error, then exit
 *     learns of the end from libuv (event loop)
 *     or from waitid without reaping (Sync)
 */
export const spawnLauncher: Launcher = {
  startSync: (order) => {
    const [ours, theirs] = Pipe<Report, Preparation | Assignment>();
    try {
      sendOrder(ours, order);
      return new SpawnedChild(startNode(childEntry, theirs), ours);
    } catch (error) {
      ours.close();
      throw error;
    } finally {
      theirs.close();
    }
  },
};

/** Process objects that were never closed give back their sentinels when they are collected. */
const unreachable = new FinalizationRegistry<number>(closeDescriptor);

class SpawnedChild implements Child {
  readonly pid: number;
  readonly sentinel: number;
  readonly reports: Connection<Report, Preparation | Assignment>;
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #ending: Ending | undefined;

  constructor(child: ChildProcess, reports: Connection<Report, Preparation | Assignment>) {
    this.#child = child;
    this.pid = child.pid as number;
    this.reports = reports;
    this.sentinel = openProcess(this.pid);
    unreachable.register(this, this.sentinel, this);
    const giveUp = beforeReaping(this.sentinel, () => this.waitSync(0));
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        giveUp();
        this.#ending ??= { exitCode: exitCodeOf(code, signal) };
        const ending = this.#ending;
        // Libuv has reaped all that have ended before it tells of the first. Of the others nobody could say how they
        // ended, or that they have; so nobody hears of this one before all are told.
        setImmediate(resolve, ending);
      });
    });
  }

  waitSync(timeout: number): Ending | undefined {
    if (this.#ending !== undefined) return this.#ending;
    const status = waitChildSync(this.sentinel, timeout);
    if (status === undefined || status === 'gone') return undefined;
    this.#ending = { exitCode: exitCodeOf(status.code, status.signal) };
    return this.#ending;
  }

  signal(name: NodeJS.Signals): void {
    // By libuv, which knows whether it has reaped the child: a signal must not hit a stranger with the same pid.
    this.#child.kill(name);
  }

  ref(): void {
    this.#child.ref();
  }

  unref(): void {
    this.#child.unref();
  }

  close(): void {
    this.reports.close();
    unreachable.unregister(this);
    closeDescriptor(this.sentinel);
  }
}
