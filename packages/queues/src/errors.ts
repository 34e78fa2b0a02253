import { brandError, ProcessError } from '@mp/errors';

/**
 * Nothing was to be had from a queue within the time allowed. Nothing was taken; try again.
 *
 * Python: `queue.Empty`.
 */
export class QueueEmptyError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_QUEUE_EMPTY' });
  }
}
brandError(QueueEmptyError, 'QueueEmptyError');

/**
 * There was no room in a queue within the time allowed. Nothing was put; try again.
 *
 * Python: `queue.Full`.
 */
export class QueueFullError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_QUEUE_FULL' });
  }
}
brandError(QueueFullError, 'QueueFullError');

/**
 * The queue was shut down, by whatever process: nothing can be put any more, and everything was taken.
 *
 * Python: `queue.ShutDown`, which `multiprocessing.Queue` does not have.
 */
export class QueueShutDownError extends ProcessError {
  constructor(message: string) {
    super(message, { code: 'ERR_MP_QUEUE_SHUT_DOWN' });
  }
}
brandError(QueueShutDownError, 'QueueShutDownError');

/**
 * A worker took tasks from a joinable queue and ended, or closed the queue, before it called `taskDone` for them. They
 * count as done from now on, so that the next `join` can succeed; whether they are put again is up to you.
 *
 * Python has no counterpart: its `join` waits for ever.
 */
export class TasksLostError extends ProcessError {
  /** How many tasks. */
  readonly count: number;
  /** The process that had them; if there were several, the last one. */
  readonly pid: number;

  constructor(message: string, { count, pid }: { count: number; pid: number }) {
    super(message, { code: 'ERR_MP_TASKS_LOST' });
    this.count = count;
    this.pid = pid;
  }
}
brandError(TasksLostError, 'TasksLostError');
