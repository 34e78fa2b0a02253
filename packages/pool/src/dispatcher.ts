import { Fifo } from '@mp/connection/internal';
import { TimeoutError } from '@mp/errors';
import { type WaitOptions, waitWithin } from '@mp/native';
import { noteOrigin, relocate } from '@mp/process/internal';
import type { Engine, EngineEvents, EngineWorker, Ticket } from './engine.ts';
import { BrokenPoolError, type LostWorker, PoolTerminatedError, WorkerLostError } from './errors.ts';
import { Line } from './line.ts';
import { Patience } from './patience.ts';
import { type Answer, DONE, FAILED, UNKNOWN_FUNCTION } from './protocol.ts';
import { describe, pathInCall, type Work } from './work.ts';

/** So many workers in a row that end before they answered anything mean that none ever will. */
const MOST_FAILED_STARTS = 5;

export interface DispatcherOptions {
  readonly engine: Engine;
  readonly workers: number;
}

/**
 * Who does what.
 *
 *     add ──▶ queue ──▶ line of worker 1: [begun] [ready] [ready]      answered, oldest first
 *                  └──▶ line of worker 2: [begun] [ready]
 *
 * Each worker has a short line of work in its own memory, so that it never waits for us between two small tasks. What
 * is in line can be taken back as long as the worker has not begun it; so a line is no reason to wait behind a long
 * task: whoever runs out of work gets what waits in the longest line. When a worker is lost, what it had begun fails
 * with WorkerLostError, and what it had not begun goes back to the head of the queue.
 *
 * It knows its workers only through engine.ts, and nothing of how results are put together.
 */
export class Dispatcher {
  readonly #engine: Engine;
  readonly #size: number;
  readonly #queue = new Fifo<Work>();
  readonly #lines = new Map<EngineWorker, Line>();
  #unanswered = 0;
  #failedStarts = 0;
  #closing = false;
  #broken: BrokenPoolError | undefined;
  #keptAlive = false;
  #dispatching = false;
  #joining = 0;
  readonly #joiners = new Set<() => void>();
  readonly #patience = new Patience(() => this.#linger());
  readonly #events: EngineEvents;

  constructor({ engine, workers }: DispatcherOptions) {
    this.#engine = engine;
    this.#size = workers;
    this.#events = {
      answered: (worker, answer) => this.#answered(worker, answer),
      undecodable: (worker, error) => this.#answered(worker, [FAILED, error]),
      lost: (worker, how) => this.#lost(worker, how),
    };
    try {
      for (let i = 0; i < workers; i++) this.#startWorker();
    } catch (error) {
      this.terminate();
      throw error;
    }
  }

  /** The processes or threads that work at the moment. */
  get workers(): readonly EngineWorker[] {
    return [...this.#lines.keys()];
  }

  /** Pieces of work that have no answer yet. */
  get outstanding(): number {
    return this.#unanswered;
  }

  add(work: Work): void {
    if (this.#broken !== undefined) {
      work.failed(this.#broken);
      return;
    }
    this.#unanswered++;
    this.#queue.push(work);
    this.#updateLoop();
    this.#dispatch();
    if (this.#unanswered === 1) this.#patience.wait();
  }

  /** Takes back work that no worker has begun. False: it has begun, or is answered. */
  remove(work: Work): boolean {
    if (this.#queue.remove(work)) {
      this.#settled();
      return true;
    }
    for (const line of this.#lines.values()) {
      const assigned = line.assigned.find((entry) => entry.work === work);
      if (assigned === undefined) continue;
      if (!line.worker.takeBack(assigned.ticket)) return false;
      line.assigned.remove(assigned);
      this.#settled();
      return true;
    }
    return false;
  }

  /** The workers end as soon as everything that was added is answered. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#unanswered === 0) this.#stopWorkers();
  }

  /** Everything outstanding fails, and the workers end now. */
  terminate(): void {
    this.#closing = true;
    this.#failAll((work) => new PoolTerminatedError(describe(work)));
    for (const { worker } of this.#lines.values()) worker.kill();
    this.#engine.close();
  }

  /** Waits until all workers have ended, after {@link close} or {@link terminate}. */
  async join(options: WaitOptions | undefined): Promise<void> {
    this.#joining++;
    this.#updateLoop();
    try {
      await waitWithin<void>(options, {
        what: 'join: waiting for the workers of the pool',
        begin: (resolve) => {
          if (this.#lines.size === 0) resolve();
          this.#joiners.add(resolve);
          return () => this.#joiners.delete(resolve);
        },
        late: () => {
          throw new TimeoutError(`join: ${this.#lines.size} workers of the pool have not ended yet.`, {
            timeout: options?.timeout ?? 0,
          });
        },
      });
    } finally {
      this.#joining--;
      this.#updateLoop();
    }
  }

  /** Blocks the thread until something has happened, at most `timeout` milliseconds. */
  waitSync(timeout: number): void {
    this.#engine.waitSync(timeout);
  }

  #startWorker(): void {
    const worker = this.#engine.startWorker(this.#events);
    this.#lines.set(worker, new Line(worker));
    worker.keepLoopAlive(this.#keptAlive);
  }

  /** Fills the lines, shortest first; then the idle take from the longest. */
  #dispatch(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      while (this.#queue.length > 0) {
        const line = this.#shortest();
        if (line === undefined) return;
        this.#assign(line, this.#queue.shift() as Work);
      }
      this.#share();
    } finally {
      this.#dispatching = false;
    }
  }

  #shortest(): Line | undefined {
    let shortest: Line | undefined;
    for (const line of this.#lines.values()) {
      if (line.full || line.assigned.length >= line.window) continue;
      if (shortest === undefined || line.assigned.length < shortest.assigned.length) shortest = line;
    }
    return shortest;
  }

  #assign(line: Line, work: Work): void {
    const known = line.known.has(work.functionId);
    let ticket: Ticket | undefined;
    try {
      const { mode, functionId, payload } = work;
      ticket = line.worker.submit({ mode, functionId, payload, fn: known ? undefined : work.fn });
    } catch (error) {
      this.#settled();
      work.failed(relocate(error, (path) => pathInCall(work, path)));
      return;
    }
    if (ticket === undefined) {
      line.full = true;
      this.#queue.unshift(work);
      return;
    }
    line.known.add(work.functionId);
    line.assigned.push({ work, ticket, since: performance.now() });
  }

  #share(): void {
    for (const idle of this.#lines.values()) {
      if (idle.assigned.length > 0 || idle.full) continue;
      let longest: Line | undefined;
      for (const line of this.#lines.values()) {
        if (line.assigned.length > 1 && line.assigned.length > (longest?.assigned.length ?? 0)) longest = line;
      }
      const last = longest?.assigned.last;
      if (longest === undefined || last === undefined) return;
      if (!longest.worker.takeBack(last.ticket)) continue;
      longest.assigned.pop();
      this.#assign(idle, last.work);
    }
  }

  /** Somebody waits for a single answer, which may be there in less time than it takes to fall asleep. */
  #linger(): boolean {
    if (this.#unanswered !== 1) return false;
    for (const { worker, assigned } of this.#lines.values()) if (assigned.length > 0) return worker.linger();
    return false;
  }

  #answered(worker: EngineWorker, answer: Answer): void {
    const line = this.#lines.get(worker);
    const assigned = line?.assigned.shift();
    if (line === undefined || assigned === undefined) return;
    this.#failedStarts = 0;
    line.full = false;
    line.answers++;
    line.measure(assigned);
    const { work } = assigned;
    if (answer[0] === UNKNOWN_FUNCTION) {
      line.known.delete(work.functionId);
      this.#queue.unshift(work);
    } else {
      this.#settled();
      if (answer[0] === DONE) work.done(answer[1]);
      else {
        if (answer[0] !== FAILED) line.known.delete(work.functionId);
        const [, error, index] = answer;
        noteOrigin(error, `${worker.name} (pid ${worker.pid}): ${describe(work, index)}`);
        work.failed(error);
      }
    }
    this.#dispatch();
    if (this.#closing && this.#unanswered === 0) this.#stopWorkers();
  }

  #lost(worker: EngineWorker, how: LostWorker): void {
    const line = this.#lines.get(worker);
    if (line === undefined) return;
    this.#lines.delete(worker);
    if (line.answers === 0 && !this.#closing) this.#failedStarts++;
    const begun: Work[] = [];
    for (let assigned = line.assigned.pop(); assigned !== undefined; assigned = line.assigned.pop()) {
      if (worker.takeBack(assigned.ticket)) this.#queue.unshift(assigned.work);
      else begun.push(assigned.work);
    }
    for (const work of begun) {
      this.#settled();
      work.failed(new WorkerLostError(how, describe(work)));
    }
    this.#replace(how);
    this.#dispatch();
    if (this.#lines.size === 0) for (const resolve of [...this.#joiners]) resolve();
  }

  #replace(how: LostWorker): void {
    if (this.#closing && this.#unanswered === 0) return;
    if (this.#failedStarts >= MOST_FAILED_STARTS) {
      this.#break(
        `${this.#failedStarts} workers in a row ended before they did anything, the last with exit code ${how.exitCode}. What they printed says why.`,
      );
      return;
    }
    try {
      this.#startWorker();
    } catch (error) {
      if (this.#lines.size === 0) this.#break('The last worker was lost, and no other can be started.', error);
    }
  }

  #break(message: string, cause?: unknown): void {
    this.#broken = new BrokenPoolError(message, cause === undefined ? {} : { cause });
    this.#failAll(() => this.#broken);
    for (const { worker } of this.#lines.values()) worker.kill();
  }

  #failAll(reason: (work: Work) => unknown): void {
    const all: Work[] = [];
    for (const line of this.#lines.values()) {
      for (let assigned = line.assigned.shift(); assigned !== undefined; assigned = line.assigned.shift()) {
        all.push(assigned.work);
      }
    }
    for (let work = this.#queue.shift(); work !== undefined; work = this.#queue.shift()) all.push(work);
    for (const work of all) {
      this.#settled();
      work.failed(reason(work));
    }
  }

  #stopWorkers(): void {
    for (const { worker } of this.#lines.values()) worker.stop();
  }

  #settled(): void {
    this.#unanswered--;
    this.#updateLoop();
  }

  /** The program lives while somebody waits for us. */
  #updateLoop(): void {
    const keep = this.#unanswered > 0 || this.#joining > 0;
    if (keep === this.#keptAlive) return;
    this.#keptAlive = keep;
    for (const { worker } of this.#lines.values()) worker.keepLoopAlive(keep);
  }
}
