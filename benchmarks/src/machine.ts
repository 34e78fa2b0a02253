import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { PEERS, versionOf } from './peers.ts';
import type { Python } from './python.ts';

/** Where and with what it was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  readonly python: Python | undefined;
  /** The packages of the Node peers that are installed, as in `piscina 5.3.2`. */
  readonly peers: readonly string[];
  /** How many wanted a core when the run began, on average over the last minute. */
  readonly load: number;
}

export function describeMachine(python: Python | undefined): Machine {
  const packages = new Set(PEERS.map(({ packageName }) => packageName).filter((name) => name !== undefined));
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: totalmem() / 2 ** 30,
    system: `${type()} ${release()}`,
    node: process.version,
    python,
    peers: [...packages].flatMap((name) => {
      const version = versionOf(name);
      return version === undefined ? [] : [`${name} ${version}`];
    }),
    load: loadavg()[0] ?? Number.NaN,
  };
}
