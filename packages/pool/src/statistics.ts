/** What a pool has done so far, and what it does at the moment. A chunk of a map is one task. */
export interface PoolStatistics {
  /** Tasks that no worker has begun, as far as is known. */
  readonly waiting: number;
  /** Workers that are at a task. */
  readonly running: number;
  /** Tasks that returned. */
  readonly completed: number;
  /** Tasks that threw, or whose arguments or result could not travel. */
  readonly failed: number;
  /** Tasks that failed because their worker was lost. */
  readonly lost: number;
  /** How often a task was given to another worker because its own was lost. */
  readonly retried: number;
  /** Tasks that were ended by a signal, a time-out or `terminate`, or were not wanted any more. */
  readonly cancelled: number;
  /** Workers that were started, the first ones included. */
  readonly started: number;
  /** Those that are there now. */
  readonly workers: readonly WorkerStatistics[];
}

/** The same of one worker. */
export interface WorkerStatistics {
  /** As in errors and in the log. */
  readonly name: string;
  /** Of a thread, that of its process. */
  readonly pid: number;
  /** Tasks that it has answered. */
  readonly tasks: number;
  /** Tasks that it has and has not answered: at most one of them has begun. */
  readonly line: number;
  /** How long it has worked on those that it has answered, in milliseconds, as the pool sees it. */
  readonly busy: number;
  /** Bytes of memory that it has (resident set); undefined where that is not known, as of a thread. */
  readonly memory: number | undefined;
}

/** How often it happened. */
export class Counters {
  completed = 0;
  failed = 0;
  lost = 0;
  retried = 0;
  cancelled = 0;
}
