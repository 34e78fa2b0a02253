export { AsyncResult, type Callbacks } from './async-result.ts';
export {
  BrokenPoolError,
  type LostWorker,
  MaybeEncodingError,
  PoolStateError,
  PoolTerminatedError,
  WorkerLostError,
} from './errors.ts';
export { ImapIterator } from './imap.ts';
export type { CallOptions } from './limits.ts';
export type {
  ImapOptions,
  MapOptions,
  PoolOptions,
  PoolWorker,
  ThreadPoolOptions,
  WorkerPoolOptions,
} from './options.ts';
export { Pool } from './pool.ts';
export type { OnProgress, Progress } from './progress.ts';
export { type ProgressBarOptions, progressBar } from './progress-bar.ts';
export type { PoolStatistics, WorkerStatistics } from './statistics.ts';
export { ThreadPool } from './thread-pool.ts';
export type { TaskTiming, WorkerEvent } from './timings.ts';
export { WorkerPool } from './worker-pool.ts';
