import { type Connection, Pipe, waitable } from '@mp/connection';
import { Inbox, type LocalEnd, type Readiness, type Revocable } from '@mp/connection/internal';
import type { Context } from '@mp/context';
import { BrokenPipeError } from '@mp/errors';
import { canFork, ForkError } from '@mp/native';
import { Process, StartError } from '@mp/process';
import { relocate } from '@mp/process/internal';
import { Pickler } from '@mp/reduction';
import type { EngineEvents, EngineWorker, Request, Ticket } from '../engine.ts';
import { type Answer, STOP, type ToWorker } from '../protocol.ts';
import { closeEnd, holdEnd } from './inherited-ends.ts';
import { residentBytes } from './resident-bytes.ts';
import { runWorker } from './worker.ts';

/** Buffers from here on are not copied into the message but travel in memory of their own. */
const OUT_OF_BAND_BYTES = 1 << 17;
/** How long a worker that is to end may take, before it is killed. */
const GRACE_MS = 1000;

const pickler = new Pickler({ outOfBand: OUT_OF_BAND_BYTES });

/** A worker in a process of its own, as its pool sees it. The other side is worker.ts. */
export class WorkerProcess implements EngineWorker {
  readonly #process: Process<[Connection<ToWorker, Answer>]>;
  readonly #connection: Connection<Answer, ToWorker>;
  readonly #end: LocalEnd;
  readonly #inbox: Inbox;
  readonly #events: EngineEvents;
  #lost = false;
  #killed = false;
  /** Whether it could be started; undefined when it has. */
  #starting: Promise<boolean> | undefined;

  constructor(context: Context, events: EngineEvents) {
    this.#events = events;
    const [ours, theirs] = Pipe<Answer, ToWorker>();
    holdEnd(ours);
    holdEnd(theirs);
    try {
      this.#process = new Process({ target: runWorker, args: [theirs], daemon: true, context });
      this.#process.name = this.#process.name.replace('Process', 'PoolWorker');
      this.#begin(theirs);
    } catch (error) {
      closeEnd(ours);
      closeEnd(theirs);
      throw error;
    }
    this.#connection = ours;
    this.#end = ours.transport as LocalEnd;
    this.#inbox = new Inbox(this.#end, {
      message: (answer) => events.answered(this, answer as Answer),
      undecodable: (error) => events.undecodable(this, error),
      ended: () => void this.#joined().then(() => this.#reportLoss()),
    });
    this.#inbox.open();
  }

  /** A fork takes a turn of the event loop; work can be handed in before. */
  #begin(theirs: Connection<ToWorker, Answer>): void {
    if (this.#process.startMethod !== 'fork') {
      this.#process.startSync();
      closeEnd(theirs);
      return;
    }
    const obstacle = canFork();
    if (obstacle !== undefined) throw new StartError(new ForkError(obstacle).message);
    this.#starting = this.#process.start().then(
      () => {
        this.#starting = undefined;
        closeEnd(theirs);
        if (this.#killed) this.kill();
        return true;
      },
      (error) => {
        closeEnd(theirs);
        process.emitWarning(error);
        return false;
      },
    );
  }

  /** When it has ended, or it is known that it will never start. */
  async #joined(): Promise<void> {
    const started = await this.#starting;
    // Who blocks the thread may have reported its loss meanwhile.
    if (started !== false && !this.#lost) await this.#process.join();
  }

  get name(): string {
    return this.#process.name;
  }

  get pid(): number | undefined {
    return this.#lost ? undefined : this.#process.pid;
  }

  submit({ mode, functionId, fn, payload }: Request): Ticket | undefined {
    const message: ToWorker = fn === undefined ? [mode, functionId, payload] : [mode, functionId, payload, fn];
    try {
      return this.#end.sendRevocable(pickler.pickle(message));
    } catch (error) {
      // It is gone, and will be reported lost when all of its answers were read.
      if (error instanceof BrokenPipeError) return undefined;
      throw relocate(error, pathInRequest);
    }
  }

  takeBack(ticket: Ticket): boolean {
    return this.#end.revoke(ticket as Revocable);
  }

  linger(): boolean {
    return !this.#lost && this.#end.spin(false) && this.#inbox.pump();
  }

  stop(): void {
    // If it cannot be told it is gone already.
    this.#connection.send([STOP]).catch(() => {});
  }

  kill(): void {
    if (this.#lost) return;
    this.#killed = true;
    if (this.#starting !== undefined) return;
    this.#process.terminate();
    setTimeout(() => {
      if (!this.#lost) this.#process.kill();
    }, GRACE_MS).unref();
  }

  memory(): number | undefined {
    const { pid } = this;
    return pid === undefined ? undefined : residentBytes(pid);
  }

  keepLoopAlive(keep: boolean): void {
    this.#inbox.keepLoopAlive(keep);
  }

  /** Whether it waits for a turn of the event loop, in which it is to be forked. */
  get waitsForLoop(): boolean {
    return this.#starting !== undefined;
  }

  /** For a sleep on several workers. */
  get readiness(): Readiness {
    return this.#connection[waitable];
  }

  /** Hands over the answers that are there, and reports the loss if it has ended, blocking the thread for a moment. */
  pumpSync(): void {
    this.#inbox.pump();
    if (
      !this.#lost &&
      this.#starting === undefined &&
      this.#end.checkEnded() &&
      this.#process.joinSync({ timeout: GRACE_MS })
    ) {
      this.#inbox.pump();
      this.#reportLoss();
    }
  }

  #reportLoss(): void {
    if (this.#lost) return;
    const { name, pid, exitCode } = this.#process;
    this.#lost = true;
    this.#inbox.close();
    this.#events.lost(this, { worker: name, pid, exitCode: exitCode ?? 0 });
    closeEnd(this.#connection);
    this.#process.close();
  }
}

/** From the message to the names of its parts. */
const pathInRequest = (path: string): string => path.replace(/^value\[2\]/, 'payload').replace(/^value\[3\]/, 'fn');
