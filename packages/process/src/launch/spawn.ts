import type { ChildProcess } from 'node:child_process';
import { writeSync } from 'node:fs';
import { type Connection, Pipe } from '@mp/connection/internal';
import { addonFile, closeDescriptor, openProcess, signalProcess, waitChildSync } from '@mp/native';
import { childEntry } from '../child-entry.ts';
import type { Assignment, Preparation, Report } from '../protocol.ts';
import { numberOfSignal } from '../signal-names.ts';
import { beforeReaping } from './before-reaping.ts';
import { exitCodeOf, UNKNOWN } from './exit-code.ts';
import type { Child, Ending, Launcher } from './launcher.ts';
import { plainOrder } from './plain-order.ts';
import { sendOrder } from './send-order.ts';
import { startNode } from './start-node.ts';

/**
 * `spawn`: a fresh `node`.
 *
 *     parent                                             child
 *     ──────                                             ─────
 *     makes a pipe
 *     sends preparation and assignment into it           (does not exist yet; errors of pickling come up here),
 *     and the short form of them, if there is one
 *     starts node with the child's end as descriptors
 *     3 to 6, and closes its own copies of them ───────▶ child/start.ts: reads the preparation, starts the watchdog on
 *                                                        the socket, imports what the assignment needs, runs it
 *     reads reports when the child has ended  ◀───────── an uncaught error, then exit
 *     learns of the end from libuv (event loop)
 *     or from waitid without reaping (Sync),
 *     or from the pidfd if somebody else has reaped it
 */
export const spawnLauncher: Launcher = {
  startSync: (order) => {
    const [ours, theirs] = Pipe<Report, Preparation | Assignment>();
    try {
      const plain = plainOrder(order.preparation, sendOrder(ours, order));
      const isPlain = plain !== undefined && sendPlain(ours, plain);
      return new SpawnedChild(startNode(childEntry, theirs, isPlain ? addonFile() : ''), ours);
    } catch (error) {
      ours.close();
      throw error;
    } finally {
      theirs.close();
    }
  },
};

/** How long libuv may take to tell of an end: it learns of it in the next turn of the loop at the latest. */
const LIBUV_MS = 100;

/** @returns false if this system's sockets take no packets of that size */
function sendPlain(ours: Connection, order: Uint8Array): boolean {
  try {
    return writeSync(ours.fileno(), order) === order.length;
  } catch {
    return false;
  }
}

/** Process objects that were never closed give back their sentinels when they are collected. */
const unreachable = new FinalizationRegistry<number>(closeDescriptor);

class SpawnedChild implements Child {
  readonly pid: number;
  readonly sentinel: number;
  readonly reports: Connection<Report, Preparation | Assignment>;
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #resolve: (ending: Ending) => void;
  #ending: Ending | undefined;
  /** Since when it has been known that somebody has reaped it. */
  #gone: number | undefined;
  #impatience: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, reports: Connection<Report, Preparation | Assignment>) {
    this.#child = child;
    this.pid = child.pid as number;
    this.reports = reports;
    this.sentinel = openProcess(this.pid);
    unreachable.register(this, this.sentinel, this);
    const { promise, resolve } = Promise.withResolvers<Ending>();
    this.ended = promise;
    this.#resolve = resolve;
    const giveUp = beforeReaping(this.sentinel, () => {
      if (this.#look(0) === 'gone') this.#settle(UNKNOWN);
      else this.#impatience = setTimeout(() => this.#settle(UNKNOWN), LIBUV_MS).unref();
    });
    child.once('exit', (code, signal) => {
      giveUp();
      this.#settle({ exitCode: exitCodeOf(code, signal) });
    });
  }

  waitSync(timeout: number): Ending | undefined {
    if (this.#look(timeout) !== 'gone') return this.#ending;
    // Libuv has it, and tells in this turn of the loop; or somebody else, and then it never will.
    this.#gone ??= performance.now();
    if (timeout > 0 || performance.now() - this.#gone > LIBUV_MS) this.#settle(UNKNOWN);
    return this.#ending;
  }

  signal(name: NodeJS.Signals): void {
    // Not by its number, which may be a stranger's if somebody else has reaped it.
    signalProcess(this.sentinel, numberOfSignal(name));
  }

  ref(): void {
    if (this.#ending === undefined) this.#child.ref();
  }

  unref(): void {
    this.#child.unref();
  }

  close(): void {
    this.reports.close();
    unreachable.unregister(this);
    closeDescriptor(this.sentinel);
  }

  /** Notes how it ended. 'gone': that cannot be known any more. */
  #look(timeout: number): 'gone' | undefined {
    if (this.#ending !== undefined) return undefined;
    const status = waitChildSync(this.sentinel, timeout);
    if (status === 'gone') return status;
    if (status !== undefined) this.#ending = { exitCode: exitCodeOf(status.code, status.signal) };
    return undefined;
  }

  /** It has ended: as was noted, or so. */
  #settle(otherwise: Ending): void {
    clearTimeout(this.#impatience);
    this.#ending ??= otherwise;
    const ending = this.#ending;
    // If somebody else has reaped it, libuv goes on waiting.
    this.#child.unref();
    // Libuv has reaped all that have ended before it tells of the first. Of the others nobody could say how they ended,
    // or that they have; so nobody hears of this one before all are told.
    setImmediate(() => this.#resolve(ending));
  }
}
