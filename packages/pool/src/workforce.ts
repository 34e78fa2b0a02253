import { TimeoutError } from '@mp/errors';
import { type WaitOptions, waitWithin } from '@mp/native';
import { noteOrigin, relocate } from '@mp/process/internal';
import type { Engine, EngineEvents, EngineWorker, Ticket } from './engine.ts';
import { BrokenPoolError, type LostWorker } from './errors.ts';
import { Line } from './line.ts';
import { type Answer, DONE, INITIALIZE } from './protocol.ts';
import { Starts } from './starts.ts';
import { type WorkerEvent, workerChannel } from './timings.ts';
import { pathInCall, type Work } from './work.ts';

/** How often to ask how much memory a worker has, in milliseconds: it costs as much as some small tasks. */
const WEIGH_EVERY_MS = 20;
/** Not the number of any function of the user. */
const INITIALIZER_ID = -1;

export interface WorkforceOptions {
  readonly engine: Engine;
  readonly workers: number;
  /** What every worker calls before it gets a task. */
  readonly initializer?: Initializer | undefined;
  /** After so many tasks a worker is replaced. */
  readonly maxTasksPerChild?: number | undefined;
  /** With so many bytes or more after a task it is replaced. */
  readonly maxMemoryPerChild?: number | undefined;
}

export interface Initializer {
  readonly fn: (...args: never[]) => unknown;
  readonly args: readonly unknown[];
}

/**
 * The workers of a pool: how they come, are prepared, and go. What they do is the dispatcher's affair.
 *
 *     start ──▶ initializer, if there is one ──▶ ready ──▶ leaving: stopped or killed, and replaced ──▶ lost
 *                       └──────────── lost and replaced ◀────┘
 */
export class Workforce {
  /** All that have not ended. */
  readonly lines: Map<EngineWorker, Line> = new Map();
  /** How many were started. */
  started = 0;
  readonly #engine: Engine;
  readonly #size: number;
  readonly #events: EngineEvents;
  readonly #initialization: Work | undefined;
  readonly #maxTasks: number;
  readonly #maxMemory: number;
  readonly #starts = new Starts();
  #keptAlive = false;
  readonly #joiners = new Set<() => void>();

  constructor(options: WorkforceOptions, events: EngineEvents) {
    const { engine, workers, initializer, maxTasksPerChild, maxMemoryPerChild } = options;
    this.#engine = engine;
    this.#events = events;
    this.#maxTasks = maxTasksPerChild ?? Number.POSITIVE_INFINITY;
    this.#maxMemory = maxMemoryPerChild ?? Number.POSITIVE_INFINITY;
    this.#initialization = initializer && this.#initializationBy(initializer);
    this.#size = workers;
  }

  /** Starts all of them. If one cannot be started, those that were are ended. */
  open(): void {
    try {
      for (let i = 0; i < this.#size; i++) this.start();
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  /** Those that are to stay. */
  get staying(): Line[] {
    return [...this.lines.values()].filter(({ leaving }) => !leaving);
  }

  start(): void {
    const worker = this.#engine.startWorker(this.#events);
    const initialization = this.#initialization;
    const line = new Line(worker, initialization === undefined, this.#maxTasks);
    this.lines.set(worker, line);
    this.started++;
    worker.keepLoopAlive(this.#keptAlive);
    if (workerChannel.hasSubscribers) publish(line, 'started');
    if (initialization !== undefined) this.hand(line, initialization);
  }

  /**
   * Puts one more piece of work into a line. False: there is no room for it.
   *
   * @throws PicklingError with a path in what the user has passed
   */
  hand(line: Line, work: Work): boolean {
    const { mode, functionId, payload } = work;
    const known = line.knows(functionId);
    let ticket: Ticket | undefined;
    try {
      ticket = line.worker.submit({ mode, functionId, payload, fn: known ? undefined : work.fn });
    } catch (error) {
      throw relocate(error, (path) => pathInCall(work, path));
    }
    if (ticket === undefined) return false;
    line.learns(functionId);
    line.assigned.push({ work, ticket, since: performance.now(), dropped: false });
    return true;
  }

  /** Whether it is no task of a user. */
  isInitialization(work: Work): boolean {
    return work === this.#initialization;
  }

  /** An initializer has come to its end. */
  initialized(line: Line, answer: Answer): void {
    if (answer[0] === DONE) {
      line.ready = true;
      this.#starts.succeeded();
      return;
    }
    const [, error] = answer;
    noteOrigin(error, `${line.worker.name} (pid ${line.worker.pid}): ${this.#initialization?.task}`);
    this.#starts.initializerFailed(error);
    line.worker.kill();
  }

  /** A worker has answered a task, so workers do come up. */
  proven(): void {
    this.#starts.succeeded();
  }

  /** Whether it has done enough, or has become too large. */
  isSpent(line: Line): boolean {
    if (line.leaving) return false;
    return line.answers >= line.mostTasks || this.#isTooLarge(line);
  }

  #isTooLarge(line: Line): boolean {
    if (this.#maxMemory === Number.POSITIVE_INFINITY || line.answers === 0) return false;
    const now = performance.now();
    if (now < line.weighAgain) return false;
    line.weighAgain = now + WEIGH_EVERY_MS;
    return (line.worker.memory() ?? 0) >= this.#maxMemory;
  }

  /**
   * A worker has ended.
   *
   * @param idle - it had begun no task
   * @returns that no other will come up, either; undefined: one may
   */
  ended(line: Line, how: LostWorker, idle: boolean): BrokenPoolError | undefined {
    this.lines.delete(line.worker);
    if (workerChannel.hasSubscribers) publish(line, 'ended', how);
    return idle && line.answers === 0 && !line.leaving ? this.#starts.failed(how) : undefined;
  }

  /** @returns that there is none any more, and cannot be; undefined: there is */
  replace(): BrokenPoolError | undefined {
    try {
      this.start();
    } catch (cause) {
      if (this.staying.length === 0) {
        return new BrokenPoolError('The last worker was lost, and no other can be started.', { cause });
      }
    }
    return undefined;
  }

  /** Those that stay end when they have answered what they have. */
  stop(): void {
    for (const { worker } of this.staying) worker.stop();
  }

  kill(): void {
    for (const { worker } of this.lines.values()) worker.kill();
    this.#engine.close();
  }

  keepLoopAlive(keep: boolean): void {
    if (keep === this.#keptAlive) return;
    this.#keptAlive = keep;
    for (const { worker } of this.lines.values()) worker.keepLoopAlive(keep);
  }

  /** Blocks the thread until something has happened, at most `timeout` milliseconds. */
  waitSync(timeout: number): void {
    this.#engine.waitSync(timeout);
  }

  /** Somebody may wait for the last one to be gone. */
  tellJoiners(): void {
    if (this.lines.size === 0) for (const resolve of [...this.#joiners]) resolve();
  }

  /** Waits until all have ended. */
  join(options: WaitOptions | undefined): Promise<void> {
    return waitWithin<void>(options, {
      what: 'join: waiting for the workers of the pool',
      begin: (resolve) => {
        if (this.lines.size === 0) resolve();
        this.#joiners.add(resolve);
        return () => this.#joiners.delete(resolve);
      },
      late: () => {
        throw new TimeoutError(`join: ${this.lines.size} workers of the pool have not ended yet.`, {
          timeout: options?.timeout ?? 0,
        });
      },
    });
  }

  #initializationBy({ fn, args }: Initializer): Work {
    return {
      mode: INITIALIZE,
      functionId: INITIALIZER_ID,
      fn,
      payload: args,
      task: `initializer ${fn.name}()`,
      first: 0,
      retries: 0,
      done: () => {},
      failed: () => {},
    };
  }
}

function publish({ worker, answers, busy }: Line, event: 'started' | 'ended', how?: LostWorker): void {
  const pid = how === undefined ? worker.pid : how.pid;
  const { name } = worker;
  const message: WorkerEvent = { event, worker: name, pid, exitCode: how?.exitCode, tasks: answers, busy };
  workerChannel.publish(message);
}
