import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import type { OpenNodePool } from './node-pool.ts';

const WORKER = fileURLToPath(new URL('./child-workerpool.js', import.meta.url));

/** Registered functions, which are quicker than functions sent as text; and not its default JSON. */
export const openWorkerpoolProcesses: OpenNodePool = ({ module, workers }) => {
  const pool = workerpool.pool(WORKER, {
    workerType: 'process',
    minWorkers: workers,
    maxWorkers: workers,
    forkArgs: [module],
    forkOpts: { serialization: 'advanced' },
  });
  return {
    call: (task, argument) => pool.exec(task, [argument]) as unknown as PromiseLike<unknown>,
    close: async () => void (await pool.terminate()),
  };
};
