import { getContext } from '@mp/context';
import { Pool } from '@mp/pool';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly calls: number; readonly warmUpCalls: number; readonly workers: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

export const row: Row<Sizes, Report> = {
  work: '50,000 calls of x * x outstanding at once, 2 workers',
  unit: 'calls/s',
  better: 'higher',
  goal: { kind: 'times', value: 8 },
  sizes: {
    full: { calls: 50_000, warmUpCalls: 5_000, workers: 2 },
    quick: { calls: 5_000, warmUpCalls: 1_000, workers: 2 },
  },
  figure: ({ seconds, operations }) => operations / seconds,
  expected: ({ calls }) => ({ operations: calls, sum: ((calls - 1) * calls * (2 * calls - 1)) / 6 }),
  leftOut: {
    child_process: 'no pool; its messages are in the rows pipe.*',
    worker_threads: 'no pool; its messages are in the rows pipe.*',
  },
};

export const square = (x: number): number => x * x;

export const program: Program<Sizes, Report> = ({ calls, warmUpCalls, workers }) => {
  const pool = new Pool({ processes: workers, context: getContext('spawn') });
  const run = async (count: number): Promise<number> => {
    const results = Array.from({ length: count }, (_, i) => pool.applyAsync(square, [i]));
    let sum = 0;
    for (const value of await Promise.all(results)) sum += value;
    return sum;
  };
  return {
    warm: () => run(warmUpCalls),
    async round() {
      const started = performance.now();
      const sum = await run(calls);
      return { seconds: (performance.now() - started) / 1000, operations: calls, sum };
    },
    close: () => pool[Symbol.asyncDispose](),
  };
};
