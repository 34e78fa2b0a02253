import { getContext } from '@mp/context';
import { Pool } from '@mp/pool';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly calls: number; readonly workers: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

export const row: Row<Sizes, Report> = {
  work: 'one call of x * x at a time, 2 workers',
  unit: 'µs',
  better: 'lower',
  goal: { kind: 'times', value: 7 },
  sizes: { full: { calls: 2_000, workers: 2 }, quick: { calls: 500, workers: 2 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1e6,
  expected: ({ calls }) => ({ operations: calls, sum: ((calls - 1) * calls * (2 * calls - 1)) / 6 }),
  leftOut: {
    child_process: 'no pool; its messages are in the rows pipe.*',
    worker_threads: 'no pool; its messages are in the rows pipe.*',
  },
  notes: ['ours in promise form, as the Node peers have no other'],
};

export const square = (x: number): number => x * x;

export const program: Program<Sizes, Report> = ({ calls, workers }) => {
  const pool = new Pool({ processes: workers, context: getContext('spawn') });
  return {
    async round() {
      let sum = 0;
      const started = performance.now();
      for (let i = 0; i < calls; i++) sum += await pool.apply(square, [i]);
      return { seconds: (performance.now() - started) / 1000, operations: calls, sum };
    },
    close: () => pool[Symbol.asyncDispose](),
  };
};
