import type { ResourceLimits } from 'node:worker_threads';
import type { Context } from '@mp/context';
import type { CallOptions } from './limits.ts';
import type { OnProgress } from './progress.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function may be a task; its arguments are checked against it.
export type AnyArguments = any[];
export type AnyFunction = (...args: AnyArguments) => unknown;

/** What every pool is told, of processes or of threads. */
export interface WorkerPoolOptions {
  /** How many workers. Default: as many as this process may use cores. */
  readonly processes?: number | undefined;
  /**
   * An exported function that each worker calls, and waits for, before it gets a task. If it throws in five workers in a
   * row, the pool gives up: everything is rejected with a BrokenPoolError whose cause is what it threw.
   */
  readonly initializer?: ((...args: AnyArguments) => unknown) | undefined;
  /** The arguments of the initializer. Default: none. */
  readonly initargs?: AnyArguments | undefined;
  /** A worker is replaced after so many tasks; a chunk counts as one. Default: never. */
  readonly maxTasksPerChild?: number | undefined;
  /** What `Symbol.asyncDispose` does: `'wait'` for what is outstanding, or `'terminate'`. Default `'wait'`. */
  readonly disposal?: 'wait' | 'terminate' | undefined;
}

/** Of a {@link Pool}. */
export interface PoolOptions extends WorkerPoolOptions {
  /** Whose start method is used. Default: the default context. */
  readonly context?: Context | undefined;
  /**
   * A worker that has so many bytes of memory (resident set) after a task is replaced. Default: never. Looked at after
   * a task and not in the middle of it, and 50 times a second at the most.
   */
  readonly maxMemoryPerChild?: number | undefined;
}

/** Of a {@link ThreadPool}. */
export interface ThreadPoolOptions extends WorkerPoolOptions {
  /** How much memory each thread may have, as of `node:worker_threads`. One that exceeds it is lost and replaced. */
  readonly resourceLimits?: ResourceLimits | undefined;
}

/** Of `map`, `starmap`, and their forms. */
export interface MapOptions extends CallOptions {
  /**
   * How many items travel together. Default: a quarter of an equal share of what is left for each worker, so that chunks
   * become smaller towards the end and nobody is left with the slowest items; at most 4096.
   */
  readonly chunkSize?: number | undefined;
  /**
   * Rejects as soon as one chunk has failed, and takes back what no worker has begun. What has begun comes to its end,
   * unnoticed. Default false: rejects when all chunks are done.
   */
  readonly failFast?: boolean | undefined;
  /** Called after each chunk. See {@link progressBar}. */
  readonly onProgress?: OnProgress | undefined;
}

/** Of `imap` and `imapUnordered`. */
export interface ImapOptions extends CallOptions {
  /** How many items travel together. Default 1. */
  readonly chunkSize?: number | undefined;
  /**
   * How many items are read ahead of the results that were taken. Default: 64 chunks for each worker; up to 1024 while
   * they are answered, and taken, within microseconds. The input is read from the beginning on, and never further than
   * this, so it may be endless.
   */
  readonly bufferSize?: number | undefined;
  /** Called after each chunk. */
  readonly onProgress?: OnProgress | undefined;
}

/** A worker of a pool, for messages and for tools of the system. */
export interface PoolWorker {
  /** The name of its process or thread, as errors call it. */
  readonly name: string;
  /** Of its process: for a thread, of this one. */
  readonly pid: number;
}
