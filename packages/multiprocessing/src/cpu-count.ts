import { availableParallelism } from 'node:os';

/**
 * How many processes can run at the same time: the cores that this process may use, no less than 1. It is the default
 * size of a pool.
 *
 * Python: `multiprocessing.cpu_count` counts all cores of the machine, also those that this process may not use; what
 * is here is its `os.process_cpu_count`.
 */
export const cpuCount = (): number => availableParallelism();
