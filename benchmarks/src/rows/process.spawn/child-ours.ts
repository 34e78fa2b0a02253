import { SpawnProcess } from '@mp/process';
import type { Row } from '../../row.ts';
import { type Report, type Sizes, startAndJoin, startAndJoinEach } from '../../start-and-join.ts';

export const row: Row<Sizes, Report> = {
  ...startAndJoin,
  goal: { kind: 'times', value: 1 },
  sizes: { full: { processes: 10 }, quick: { processes: 3 } },
  limits: [{ name: 'bare node -e 0', source: 'child-bare-node.ts', atMost: 1.25 }],
  leftOut: {
    'node-pools': 'a pool, which starts no single process',
  },
  notes: ['child_process forks an empty module; worker_threads starts a thread with one, and no process'],
};

export const program = startAndJoinEach(SpawnProcess);
