import { Piscina } from 'piscina';
import type { OpenNodePool } from './node-pool.ts';

/**
 * Threads that live as long as the pool. Its defaults are its quickest, workers wait for tasks by `Atomics.wait`; but for
 * the times that it would record of each task.
 */
export const openPiscina: OpenNodePool = ({ module, workers, tasksInWorker = 1 }) => {
  const pool = new Piscina({
    filename: module,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: tasksInWorker,
    recordTiming: false,
  });
  return {
    call: (task, argument) => pool.run(argument, { name: task }),
    close: () => pool.destroy(),
  };
};
