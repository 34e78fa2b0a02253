import { Fifo } from '@mp/connection/internal';
import type { WaitOptions } from '@mp/native';
import { noteOrigin } from '@mp/process/internal';
import type { EngineWorker, Ticket } from './engine.ts';
import { type BrokenPoolError, type LostWorker, PoolTerminatedError, WorkerLostError } from './errors.ts';
import type { Assigned, Line } from './line.ts';
import { Patience } from './patience.ts';
import { type Answer, DONE, FAILED, MAP_EACH, type Outcomes, UNKNOWN_FUNCTION } from './protocol.ts';
import { Counters, type PoolStatistics } from './statistics.ts';
import { publishTask, taskChannel } from './timings.ts';
import { withdraw } from './withdraw.ts';
import { describe, originOf, type Work } from './work.ts';
import { Workforce, type WorkforceOptions } from './workforce.ts';

/** How long a worker may need to come past what was taken back from it, in milliseconds. */
const TRY_AGAIN_MS = 1;

/**
 * Who does what.
 *
 *     add ──▶ queue ──▶ line of worker 1: [begun] [ready] [ready]      answered, oldest first
 *                  └──▶ line of worker 2: [begun] [ready]
 *
 * Each worker has a short line of work in its own memory, so that it never waits for us between two small tasks. What
 * is in line can be taken back as long as the worker has not begun it; so a line is no reason to wait behind a long
 * task: whoever runs out of work gets what waits in the longest line. When a worker is lost, what it had begun fails
 * with WorkerLostError, or is repeated if it may be, and what it had not begun goes back to the head of the queue.
 *
 * A worker that has to go, because its time has come or because nobody wants what it is at, leaves: it gets nothing
 * more, what it has not begun is taken back, and another one is started at once.
 *
 * It knows its workers only through engine.ts, and nothing of how results are put together. How workers come and go is
 * in workforce.ts.
 */
export class Dispatcher {
  readonly #workforce: Workforce;
  readonly #counters = new Counters();
  readonly #queue = new Fifo<Work>();
  #unanswered = 0;
  #holders = 0;
  #closing = false;
  #stopped = false;
  #over: BrokenPoolError | PoolTerminatedError | undefined;
  #dispatching = false;
  #later: NodeJS.Timeout | undefined;
  #joining = 0;
  readonly #patience = new Patience(() => this.#linger());
  readonly #onOver: (error: unknown) => void;

  /** @param onOver - called once, with {@link over}, when nothing can be done any more */
  constructor(options: WorkforceOptions, onOver: (error: unknown) => void = () => {}) {
    this.#onOver = onOver;
    this.#workforce = new Workforce(options, {
      answered: (worker, answer, ticket) => this.#answered(worker, answer, ticket),
      undecodable: (worker, error, ticket) => this.#answered(worker, [FAILED, error], ticket),
      lost: (worker, how) => this.#lost(worker, how),
    });
    // Those of a pool that cannot be made are not replaced.
    this.#closing = true;
    this.#workforce.open();
    this.#closing = false;
  }

  /** The processes or threads that work at the moment. */
  get workers(): readonly EngineWorker[] {
    return this.#workforce.staying.map(({ worker }) => worker);
  }

  /** Why nothing can be added any more: it would fail with this. */
  get over(): BrokenPoolError | PoolTerminatedError | undefined {
    return this.#over;
  }

  /** Somebody waits for the end of what was handed over. */
  get joining(): boolean {
    return this.#joining > 0;
  }

  /** A snapshot. */
  statistics(): PoolStatistics {
    const running = [...this.#workforce.lines.values()].filter(({ assigned }) => assigned.length > 0).length;
    return {
      waiting: Math.max(0, this.#unanswered - running),
      running: Math.min(this.#unanswered, running),
      ...this.#counters,
      started: this.#workforce.started,
      workers: this.#workforce.staying.flatMap(({ worker, answers, assigned, busy }) => {
        const { name, pid } = worker;
        if (pid === undefined) return [];
        return [{ name, pid, tasks: answers, line: assigned.length, busy, memory: worker.memory() }];
      }),
    };
  }

  add(work: Work): void {
    if (this.#over !== undefined) {
      work.failed(this.#over);
      return;
    }
    this.#unanswered++;
    this.#queue.push(work);
    this.#updateLoop();
    this.#dispatch();
    if (this.#unanswered === 1) this.#patience.wait();
  }

  /**
   * Work that nobody wants any more, because of `error`. What has not begun is taken back and fails. What has begun fails
   * too, and its worker is replaced; or, if it is to be spared, goes on.
   */
  cancel(works: ReadonlySet<Work>, error: unknown, spareBegun = false): void {
    const gone = withdraw(works, this.#workforce.lines.values(), this.#queue);
    for (const line of [...this.#workforce.lines.values()]) {
      if (spareBegun) break;
      const begun = (one: Assigned): boolean => !one.dropped && works.has(one.work);
      if (line.assigned.find(begun) === undefined) continue;
      this.#takeBack(line);
      const last = line.assigned.last;
      for (let one = line.assigned.find(begun); one !== undefined; one = line.assigned.find(begun)) {
        one.dropped = true;
        gone.push(one.work);
      }
      // It works in order: those before the last have been answered, and the answer is on its way.
      if (last?.dropped && !line.leaving) this.#dismiss(line, true);
    }
    this.#counters.cancelled += gone.length;
    this.#fail(gone, () => error);
    this.#dispatch();
    this.#stopIfDone();
  }

  /** Somebody has more work to come, which counts as handed over: the workers stay. Until {@link release}. */
  hold(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
    this.#stopIfDone();
  }

  /** The workers end as soon as everything that was added is answered. */
  close(): void {
    this.#closing = true;
    this.#stopIfDone();
  }

  /** Everything outstanding fails, and the workers end now. */
  terminate(): void {
    this.#closing = true;
    this.#end(new PoolTerminatedError('a task that came later'), (work) => new PoolTerminatedError(describe(work)));
  }

  /** Waits until all workers have ended, after {@link close} or {@link terminate}. */
  async join(options: WaitOptions | undefined): Promise<void> {
    this.#joining++;
    this.#updateLoop();
    try {
      await this.#workforce.join(options);
    } finally {
      this.#joining--;
      this.#updateLoop();
    }
  }

  /** Blocks the thread until something has happened, at most `timeout` milliseconds. */
  waitSync(timeout: number): void {
    this.#workforce.waitSync(timeout);
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
    for (const line of this.#workforce.lines.values()) {
      if (!line.hasRoom) continue;
      if (shortest === undefined || line.assigned.length < shortest.assigned.length) shortest = line;
    }
    return shortest;
  }

  #assign(line: Line, work: Work): void {
    try {
      if (this.#workforce.hand(line, work)) return;
    } catch (error) {
      this.#counters.failed++;
      // Whoever is told may hand over more, and wait for it.
      this.#dispatching = false;
      this.#fail([work], () => error);
      this.#dispatching = true;
      return;
    }
    line.full = true;
    this.#queue.unshift(work);
    if (line.assigned.length === 0) this.#tryAgainSoon();
  }

  /** A worker that has nothing to answer takes no more: it has not come past what was taken back. Nothing tells when. */
  #tryAgainSoon(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      for (const line of this.#workforce.lines.values()) if (line.assigned.length === 0) line.full = false;
      this.#dispatch();
    }, TRY_AGAIN_MS).unref();
  }

  #share(): void {
    const { lines } = this.#workforce;
    for (const idle of lines.values()) {
      if (idle.assigned.length > 0 || !idle.hasRoom) continue;
      let longest: Line | undefined;
      for (const line of lines.values()) {
        if (line.assigned.length > 1 && line.assigned.length > (longest?.assigned.length ?? 0)) longest = line;
      }
      const last = longest?.assigned.last;
      if (longest === undefined || last === undefined) return;
      if (last.dropped || !longest.worker.takeBack(last.ticket)) continue;
      longest.assigned.pop();
      this.#assign(idle, last.work);
    }
  }

  /** Somebody waits for a single answer, which may be there in less time than it takes to fall asleep. */
  #linger(): boolean {
    if (this.#unanswered !== 1) return false;
    for (const { worker, assigned } of this.#workforce.lines.values()) if (assigned.length > 0) return worker.linger();
    return false;
  }

  #answered(worker: EngineWorker, answer: Answer, ticket: Ticket | undefined): void {
    const line = this.#workforce.lines.get(worker);
    const assigned = line === undefined ? undefined : this.#answeredBy(line, ticket);
    // It came a second time, or too late.
    if (line === undefined || assigned === undefined) return;
    line.full = false;
    const { work, dropped } = assigned;
    if (this.#workforce.isInitialization(work)) {
      this.#workforce.initialized(line, answer);
      this.#dispatch();
      return;
    }
    const took = line.measure(assigned);
    if (this.#queue.length > 0 && worker.asleep) line.starved();
    if (answer[0] === UNKNOWN_FUNCTION) {
      line.lacks(work.functionId);
      if (!dropped) this.#queue.unshift(work);
    } else {
      line.answers++;
      this.#workforce.proven();
      if (answer[0] !== DONE && answer[0] !== FAILED) line.lacks(work.functionId);
      if (taskChannel.hasSubscribers)
        publishTask(worker, worker.pid, work, took, answer[0] === DONE ? 'completed' : 'failed');
      if (!dropped) this.#settle(line, work, answer);
    }
    if (this.#workforce.isSpent(line)) this.#dismiss(line, false);
    this.#dispatch();
    this.#stopIfDone();
  }

  /**
   * Which piece of work it is the answer to. If it is not the oldest, the answers before it were lost on their way: they
   * will not come, and the worker counts as lost.
   */
  #answeredBy(line: Line, ticket: Ticket | undefined): Assigned | undefined {
    if (ticket === undefined || line.assigned.first?.ticket === ticket) return line.assigned.shift();
    const assigned = line.assigned.find((assigned) => assigned.ticket === ticket);
    if (assigned === undefined) return undefined;
    line.assigned.remove(assigned);
    if (!line.leaving) this.#dismiss(line, true);
    return assigned;
  }

  #settle({ worker }: Line, work: Work, answer: Answer): void {
    this.#settled();
    if (answer[0] === DONE) {
      this.#counters.completed++;
      if (work.mode === MAP_EACH)
        for (const [index, error] of (answer[1] as Outcomes).errors) noteOrigin(error, originOf(worker, work, index));
      work.done(answer[1]);
      return;
    }
    const [, error, index] = answer;
    noteOrigin(error, originOf(worker, work, index));
    this.#counters.failed++;
    work.failed(error);
  }

  /** It gets nothing more, and ends when it has answered what it has begun, or now. Another one takes its place. */
  #dismiss(line: Line, now: boolean): void {
    line.leaving = true;
    this.#takeBack(line);
    if (now) line.worker.kill();
    else line.worker.stop();
    this.#replace();
  }

  /** What it has not begun goes back to the head of the queue. What it has begun is left in its line. */
  #takeBack(line: Line): void {
    const begun: Assigned[] = [];
    for (let assigned = line.assigned.pop(); assigned !== undefined; assigned = line.assigned.pop()) {
      const { work, ticket } = assigned;
      if (this.#workforce.isInitialization(work) || !line.worker.takeBack(ticket)) begun.push(assigned);
      else this.#queue.unshift(work);
    }
    for (let assigned = begun.pop(); assigned !== undefined; assigned = begun.pop()) line.assigned.push(assigned);
    if (line.assigned.length === 0) line.full = false;
  }

  #lost(worker: EngineWorker, how: LostWorker): void {
    const line = this.#workforce.lines.get(worker);
    if (line === undefined) return;
    this.#takeBack(line);
    const begun = line.drain().filter(({ work }) => !this.#workforce.isInitialization(work));
    const broken = this.#workforce.ended(line, how, begun.length === 0);
    for (const assigned of begun) if (!assigned.dropped) this.#lose(line, assigned, how);
    if (broken !== undefined && this.#over === undefined && !this.#stopped) this.#end(broken, () => broken);
    else if (!line.leaving) this.#replace();
    this.#dispatch();
    this.#stopIfDone();
    this.#workforce.tellJoiners();
  }

  #lose(line: Line, { work, since }: Assigned, how: LostWorker): void {
    if (taskChannel.hasSubscribers) publishTask(line.worker, how.pid, work, performance.now() - since, 'lost');
    if (work.retries > 0) {
      work.retries--;
      this.#counters.retried++;
      this.#queue.unshift(work);
      return;
    }
    this.#counters.lost++;
    this.#fail([work], () => new WorkerLostError(how, describe(work)));
  }

  #replace(): void {
    if (this.#over !== undefined || (this.#closing && this.#unanswered === 0 && this.#holders === 0)) return;
    const broken = this.#workforce.replace();
    if (broken !== undefined) this.#end(broken, () => broken);
  }

  /** Everything outstanding fails, and whatever comes later. */
  #end(over: BrokenPoolError | PoolTerminatedError, reason: (work: Work) => unknown): void {
    const first = this.#over === undefined;
    if (first) this.#over = over;
    const all: Work[] = [];
    for (const line of this.#workforce.lines.values()) {
      for (const { work, dropped } of line.drain()) {
        if (!dropped && !this.#workforce.isInitialization(work)) all.push(work);
      }
    }
    for (let work = this.#queue.shift(); work !== undefined; work = this.#queue.shift()) all.push(work);
    this.#counters.cancelled += all.length;
    this.#fail(all, reason);
    this.#workforce.kill();
    if (first) this.#onOver(over);
  }

  #fail(works: readonly Work[], reason: (work: Work) => unknown): void {
    for (const work of works) {
      this.#settled();
      work.failed(reason(work));
    }
  }

  #stopIfDone(): void {
    if (!this.#closing || this.#unanswered > 0 || this.#holders > 0 || this.#stopped) return;
    this.#stopped = true;
    this.#workforce.stop();
  }

  #settled(): void {
    this.#unanswered--;
    this.#updateLoop();
  }

  /** The program lives while somebody waits for us. */
  #updateLoop(): void {
    this.#workforce.keepLoopAlive(this.#unanswered > 0 || this.#joining > 0);
  }
}
