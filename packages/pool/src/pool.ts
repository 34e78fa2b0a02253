import { availableParallelism } from 'node:os';
import { defaultContext } from '@mp/context';
import { registerLocal } from '@mp/reduction';
import { checkPoolOptions, checkProcesses } from './checks.ts';
import { checkCount } from './chunks.ts';
import type { PoolOptions } from './options.ts';
import { ProcessEngine } from './processes/process-engine.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * Worker processes that tasks are handed to.
 *
 * A task is an exported function and its arguments. The function travels to a worker once, as a reference to the module
 * that exports it. Arguments are pickled when a worker gets the task, so do not change them until it is done. The
 * function may be async; a worker works on one task at a time.
 *
 * Every task is answered. What the function throws arrives with its class, its fields and the stack of where it
 * happened. If a worker dies in the middle of a task, that task is rejected with WorkerLostError, or repeated if
 * `retries` allows it; tasks that it had not begun go to others, and a new worker takes its place. Arguments or a result
 * that cannot be pickled fail their own task.
 *
 * An idle pool does not keep the program alive; outstanding tasks do. Workers end with the pool's process, however that
 * ends. `Symbol.asyncDispose` is `close` and `join`: the pool finishes what it was given, then ends its workers; with
 * `disposal: 'terminate'` it rejects what is outstanding.
 *
 * Python: `multiprocessing.Pool`, whose `with` block terminates and loses what is outstanding.
 *
 * @example
 * ```ts
 * // square.ts: export const square = (x: number) => x * x;
 * const pool = new Pool(4);
 * console.log(await pool.map(square, [1, 2, 3])); // => [ 1, 4, 9 ]
 * pool.close();
 * await pool.join();
 * ```
 */
export class Pool extends WorkerPool {
  /**
   * Starts the workers.
   *
   * @param options - or just the number of workers
   * @throws RangeError if that number is less than 1; StartError if the system refuses; PicklingError if the initializer
   * or its arguments cannot travel
   */
  constructor(options: PoolOptions | number = {}) {
    const given = typeof options === 'number' ? { processes: options } : checkPoolOptions(options);
    const { processes = availableParallelism(), context = defaultContext, initializer, initargs = [] } = given;
    const { maxTasksPerChild, maxMemoryPerChild, disposal } = given;
    if (maxMemoryPerChild !== undefined) checkCount(maxMemoryPerChild, 'maxMemoryPerChild');
    super(
      {
        workers: checkProcesses(processes),
        engine: new ProcessEngine(context),
        initializer: initializer && { fn: initializer, args: initargs },
        maxTasksPerChild,
        maxMemoryPerChild,
      },
      disposal,
    );
  }
}
registerLocal(
  Pool,
  'belongs to the process that made it, as in Python. Make another one there, or pass the proxy of a managed one, await manager.Pool(…)',
);
