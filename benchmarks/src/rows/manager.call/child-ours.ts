import { getContext } from '@mp/context';
import { type DictProxy, SyncManager } from '@mp/managers';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly calls: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

const KEYS = 100;

export const row: Row<Sizes, Report> = {
  work: 'one dict.get through a proxy at a time',
  unit: 'µs',
  better: 'lower',
  goal: { kind: 'times', value: 3 },
  sizes: { full: { calls: 10_000 }, quick: { calls: 1_000 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1e6,
  expected: ({ calls }) => ({ operations: calls, sum: (calls / KEYS) * ((KEYS * (KEYS - 1)) / 2) }),
  leftOut: {
    child_process: 'no managers; its messages are in the rows pipe.*',
    worker_threads: 'no managers; its messages are in the rows pipe.*',
    'node-pools': 'no managers',
  },
  notes: ['both sides block: ours in the sync form'],
};

export const program: Program<Sizes, Report> = ({ calls }) => {
  const manager = new SyncManager({ context: getContext('spawn') });
  manager.startSync();
  const dict = manager.sync.dict(Array.from({ length: KEYS }, (_, i) => [i, i] as const)) as DictProxy<number, number>;
  return {
    round() {
      const { sync } = dict;
      let sum = 0;
      const started = performance.now();
      for (let i = 0; i < calls; i++) sum += sync.get(i % KEYS) as number;
      return { seconds: (performance.now() - started) / 1000, operations: calls, sum };
    },
    close: () => manager.shutdownSync(),
  };
};
