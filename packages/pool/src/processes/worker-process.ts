import { type Connection, Pipe } from '@mp/connection';
import type { Context } from '@mp/context';
import { canFork, ForkError } from '@mp/native';
import { Process, StartError } from '@mp/process';
import { asStartError } from '@mp/process/internal';
import type { EngineEvents } from '../engine.ts';
import type { LostWorker } from '../errors.ts';
import type { FromWorker, ToWorker } from '../protocol.ts';
import { RingWorker } from '../ring-worker.ts';
import { closeEnd, holdEnd } from './inherited-ends.ts';
import { residentBytes } from './resident-bytes.ts';
import { runWorker } from './worker.ts';

/** How long a worker that is to end may take, before it is killed. */
const GRACE_MS = 1000;

function openPipe(): [ours: Connection<FromWorker, ToWorker>, theirs: Connection<ToWorker, FromWorker>] {
  try {
    return Pipe();
  } catch (error) {
    throw asStartError(error);
  }
}

/** A worker in a process of its own, as its pool sees it. The other side is worker.ts. */
export class WorkerProcess extends RingWorker {
  readonly #process: Process<[Connection<ToWorker, FromWorker>]>;
  #killed = false;
  /** Whether it could be started; undefined when it has. */
  #starting: Promise<boolean> | undefined;
  /** Why it could not. */
  #startError: unknown;

  constructor(context: Context, events: EngineEvents) {
    const [ours, theirs] = openPipe();
    holdEnd(ours);
    holdEnd(theirs);
    super(ours, events);
    try {
      this.#process = new Process({ target: runWorker, args: [theirs], daemon: true, context });
      this.#process.name = this.#process.name.replace('Process', 'PoolWorker');
      this.#begin(theirs);
    } catch (error) {
      this.inbox.close();
      closeEnd(ours);
      closeEnd(theirs);
      throw error;
    }
  }

  /** A fork takes a turn of the event loop; work can be handed in before. */
  #begin(theirs: Connection<ToWorker, FromWorker>): void {
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
        this.#startError = error;
        closeEnd(theirs);
        process.emitWarning(error);
        return false;
      },
    );
  }

  get name(): string {
    return this.#process.name;
  }

  get pid(): number | undefined {
    return this.lost ? undefined : this.#process.pid;
  }

  kill(): void {
    if (this.lost) return;
    this.#killed = true;
    if (this.#starting !== undefined) return;
    this.#process.terminate();
    setTimeout(() => {
      if (!this.lost) this.#process.kill();
    }, GRACE_MS).unref();
  }

  memory(): number | undefined {
    const { pid } = this;
    return pid === undefined ? undefined : residentBytes(pid);
  }

  /** Whether it waits for a turn of the event loop, in which it is to be forked. */
  get waitsForLoop(): boolean {
    return this.#starting !== undefined;
  }

  /** Hands over the answers that are there, and reports the loss if it has ended, blocking the thread for a moment. */
  pumpSync(): void {
    this.inbox.pump();
    if (this.lost || this.#starting !== undefined || !this.end.checkEnded()) return;
    if (!this.#process.joinSync({ timeout: GRACE_MS })) return;
    this.inbox.pump();
    this.reportLoss();
  }

  protected everythingRead(): void {
    void this.#joined().then(() => this.reportLoss());
  }

  /** When it has ended, or it is known that it will never start. */
  async #joined(): Promise<void> {
    const started = await this.#starting;
    // Who blocks the thread may have reported its loss meanwhile.
    if (started !== false && !this.lost) await this.#process.join();
  }

  protected bury(): LostWorker {
    const { name, pid, exitCode, error } = this.#process;
    return { worker: name, pid, exitCode: exitCode ?? undefined, cause: error ?? this.#startError };
  }

  protected disconnect(): void {
    closeEnd(this.connection);
    this.#process.close();
  }
}
