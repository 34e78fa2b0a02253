import { getContext } from '@mp/context';
import { Pool } from '@mp/pool';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly items: number; readonly singleItems: number; readonly workers: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

export const row: Row<Sizes, Report> = {
  work: 'x * x over 100,000 integers, one by one and in order, 2 workers',
  unit: 'items/s',
  better: 'higher',
  goal: { kind: 'times', value: 8 },
  sizes: {
    full: { items: 100_000, singleItems: 10_000, workers: 2 },
    quick: { items: 10_000, singleItems: 2_000, workers: 2 },
  },
  figure: ({ seconds, operations }) => operations / seconds,
  expected({ items, singleItems }, _, participant) {
    const done = participant === 'ours' || participant === 'cpython' ? items : singleItems;
    return { operations: done, sum: ((done - 1) * done * (2 * done - 1)) / 6 };
  },
  leftOut: {
    child_process: 'no pool; its messages are in the rows pipe.*',
    worker_threads: 'no pool; its messages are in the rows pipe.*',
  },
  notes: ['no Node pool has imap: theirs are 10,000 calls outstanding at once, awaited in order'],
};

export const square = (x: number): number => x * x;

export const program: Program<Sizes, Report> = ({ items, workers }) => {
  const pool = new Pool({ processes: workers, context: getContext('spawn') });
  const list = Array.from({ length: items }, (_, i) => i);
  return {
    async round() {
      let sum = 0;
      let operations = 0;
      const started = performance.now();
      for await (const value of pool.imap(square, list)) {
        sum += value;
        operations++;
      }
      return { seconds: (performance.now() - started) / 1000, operations, sum };
    },
    close: () => pool[Symbol.asyncDispose](),
  };
};
