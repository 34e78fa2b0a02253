import { availableParallelism } from 'node:os';
import { BootstrappingError } from '@mp/process';
import { isImporting } from '@mp/process/internal';
import { registerLocal } from '@mp/reduction';
import { checkPoolOptions, checkProcesses } from './checks.ts';
import type { ThreadPoolOptions } from './options.ts';
import { ThreadEngine } from './threads/thread-engine.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * Worker threads that tasks are handed to: the interface and the behaviour of {@link Pool}, without its processes.
 *
 * A thread starts sooner and is smaller than a process. In exchange it shares the fate of the process: what aborts it
 * (`process.abort`, a fault in a native addon) ends everything, and a thread that blocks in a call of the system (a
 * synchronous read, `recvSync`) cannot be ended before that returns. What a thread has open when it is ended, by a
 * time-out for instance, stays open until the process ends: connections, pools of its own. Functions and values travel as between processes:
 * by reference, and pickled; they are not shared.
 *
 * Python: `multiprocessing.pool.ThreadPool`, whose threads cannot be ended, and share everything.
 *
 * @example
 * ```ts
 * // square.ts: export const square = (x: number) => x * x;
 * const pool = new ThreadPool(4);
 * console.log(await pool.map(square, [1, 2, 3])); // => [ 1, 4, 9 ]
 * pool.close();
 * await pool.join();
 * ```
 */
export class ThreadPool extends WorkerPool {
  /**
   * Starts the threads.
   *
   * @param options - or just the number of threads
   * @throws RangeError if that number is less than 1; PicklingError if the initializer or its arguments cannot travel;
   * BootstrappingError while a worker imports the module that makes the pool: a guard is missing
   */
  constructor(options: ThreadPoolOptions | number = {}) {
    // Each thread would import the module that makes this pool, and make another one.
    if (isImporting()) throw new BootstrappingError();
    const given = typeof options === 'number' ? { processes: options } : checkPoolOptions(options);
    const { processes = availableParallelism(), initializer, initargs = [], resourceLimits } = given;
    const { maxTasksPerChild, disposal } = given;
    super(
      {
        workers: checkProcesses(processes),
        engine: new ThreadEngine(resourceLimits),
        initializer: initializer && { fn: initializer, args: initargs },
        maxTasksPerChild,
      },
      disposal,
    );
  }
}
registerLocal(ThreadPool, 'belongs to the thread that made it, as in Python. Make another one there');
