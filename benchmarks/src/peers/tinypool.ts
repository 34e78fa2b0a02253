import Tinypool from 'tinypool';
import type { NodePool, NodePoolOptions, OpenNodePool } from './node-pool.ts';

type Runtime = NonNullable<ConstructorParameters<typeof Tinypool>[0]>;

function open({ module, workers, tasksInWorker = 1 }: NodePoolOptions, runtime: Runtime): NodePool {
  const pool = new Tinypool({
    filename: module,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: tasksInWorker,
    ...runtime,
  });
  return {
    call: (task, argument) => pool.run(argument, { name: task }),
    close: () => pool.destroy(),
  };
}

export const openTinypoolThreads: OpenNodePool = (options) => open(options, { runtime: 'worker_threads' });

/** Not its default JSON, by which 4 MiB take seconds and arrive as something else. */
export const openTinypoolProcesses: OpenNodePool = (options) =>
  open(options, { runtime: 'child_process', serialization: 'advanced' });
