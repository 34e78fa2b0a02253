import { Lock } from '@mp/synchronize';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly pairs: number };
type Report = { readonly seconds: number; readonly operations: number; readonly acquired: number };

export const row: Row<Sizes, Report> = {
  work: 'acquireSync + release of a lock that nobody else wants',
  unit: 'ns',
  better: 'lower',
  goal: { kind: 'times', value: 3 },
  sizes: { full: { pairs: 1_000_000 }, quick: { pairs: 100_000 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1e9,
  expected: ({ pairs }) => ({ operations: pairs, acquired: pairs }),
  leftOut: {
    'node-pools': 'has no locks',
    child_process: 'has no locks',
    worker_threads: 'has no locks',
  },
};

export const program: Program<Sizes, Report> = ({ pairs }) => {
  const lock = new Lock();
  return {
    round() {
      let acquired = 0;
      const started = performance.now();
      for (let i = 0; i < pairs; i++) {
        if (lock.acquireSync()) acquired++;
        lock.release();
      }
      return { seconds: (performance.now() - started) / 1000, operations: pairs, acquired };
    },
    close() {},
  };
};
