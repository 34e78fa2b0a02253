import { constants } from 'node:os';
import { brandError, ProcessError } from '@mp/errors';

/** With this code Node ends a program whose event loop is empty while it still awaits something. */
const UNSETTLED = 13;

/** What is known of a worker that was lost. */
export interface LostWorker {
  /** The name of its process. */
  readonly worker: string;
  /** Undefined: it never ran. */
  readonly pid: number | undefined;
  /** As in `Process.exitCode`: minus the number of the signal that killed it. Undefined: not known, or it never ran. */
  readonly exitCode: number | undefined;
  /** If it ended by an error that nobody caught, or could not be started: that error. */
  readonly cause?: unknown;
}

/**
 * The worker that ran the task ended in the middle of it: killed, out of memory, crashed, or by `process.exit`. Whether
 * the task had effects is not known. Every other task goes on, and the worker is replaced. If it ended by an error that
 * nobody caught, in a timer for instance, that is the `cause`; so it is if the task waited for what could not come.
 *
 * Python: the result never comes.
 */
export class WorkerLostError extends ProcessError implements LostWorker {
  /** The name of the worker, `PoolWorker-2`. */
  readonly worker: string;
  /** Of the worker; of a thread, that of its process. */
  readonly pid: number | undefined;
  /** As in `Process.exitCode`: minus the number of the signal that killed it. Undefined: not known. */
  readonly exitCode: number | undefined;
  /** The signal that killed it, if one did. */
  readonly signal: NodeJS.Signals | null;
  /** The function that it ran. */
  readonly task: string;

  constructor({ worker, pid, exitCode, cause }: LostWorker, task: string) {
    const signal = signalOf(exitCode);
    const why =
      exitCode === UNSETTLED
        ? ' Code 13 means: it waited for a promise, and nothing was under way that could settle it.'
        : '';
    super(`${worker} (pid ${pid}) ${howItEnded(exitCode)} while it ran ${task}.${why}`, {
      code: 'ERR_MP_WORKER_LOST',
      ...(cause === undefined ? {} : { cause }),
    });
    this.worker = worker;
    this.pid = pid;
    this.exitCode = exitCode;
    this.signal = signal;
    this.task = task;
  }
}
brandError(WorkerLostError, 'WorkerLostError');

/**
 * The pool cannot work: its workers end before they take any task. `cause` is what is known of the last of them. What
 * was outstanding is rejected with this error, and so is everything that is asked of the pool later.
 *
 * Python: workers are started again for ever.
 */
export class BrokenPoolError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_BROKEN_POOL', ...options });
  }
}
brandError(BrokenPoolError, 'BrokenPoolError');

/** The pool was terminated before the task had its result. */
export class PoolTerminatedError extends ProcessError {
  constructor(task: string) {
    super(`The pool was terminated before ${task} had a result.`, { code: 'ERR_MP_POOL_TERMINATED' });
  }
}
brandError(PoolTerminatedError, 'PoolTerminatedError');

/** Something was asked of a pool that its state does not allow: a task after `close`, `join` before it. */
export class PoolStateError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_POOL_STATE' });
  }
}
brandError(PoolStateError, 'PoolStateError');

/**
 * The task ran, and what it returned cannot be pickled. `cause` is the PicklingError, which says where.
 *
 * Python: `multiprocessing.pool.MaybeEncodingError`.
 */
export class MaybeEncodingError extends ProcessError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'ERR_MP_MAYBE_ENCODING', ...options });
  }
}
brandError(MaybeEncodingError, 'MaybeEncodingError');

/** In words, for a sentence about a worker. */
export function howItEnded(exitCode: number | undefined): string {
  if (exitCode === undefined) return 'ended, nobody knows how,';
  const signal = signalOf(exitCode);
  return signal === null ? `exited with code ${exitCode}` : `was killed by ${signal}`;
}

function signalOf(exitCode: number | undefined): NodeJS.Signals | null {
  if (exitCode === undefined || exitCode >= 0) return null;
  for (const [name, number] of Object.entries(constants.signals)) {
    if (number === -exitCode) return name as NodeJS.Signals;
  }
  return null;
}
