import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import type { Python } from './python.ts';

/** Where and with what it was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  readonly python: Python | undefined;
  /** How many wanted a core when the run began, on average over the last minute. */
  readonly load: number;
}

export function describeMachine(python: Python | undefined): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: totalmem() / 2 ** 30,
    system: `${type()} ${release()}`,
    node: process.version,
    python,
    load: loadavg()[0] ?? Number.NaN,
  };
}
