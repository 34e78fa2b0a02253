import { ForkProcess } from '@mp/process';
import type { Row } from '../../row.ts';
import { type Report, type Sizes, startAndJoin, startAndJoinEach } from '../../start-and-join.ts';

export const row: Row<Sizes, Report> = {
  ...startAndJoin,
  goal: { kind: 'times', value: 1.2 },
  sizes: { full: { processes: 200 }, quick: { processes: 20 } },
  leftOut: {
    child_process: 'starts a fresh node each time: see process.spawn',
    worker_threads: 'starts no process: see process.spawn',
    'node-pools': 'a pool, which starts no single process',
  },
};

export const program = startAndJoinEach(ForkProcess);
