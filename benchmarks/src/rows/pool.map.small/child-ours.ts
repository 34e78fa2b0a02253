import { getContext } from '@mp/context';
import { Pool } from '@mp/pool';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly items: number; readonly singleItems: number; readonly workers: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

/** A sum of remainders: the sum of the squares themselves is more than a double can hold exactly. */
const MODULUS = 1_000_003;

export const row: Row<Sizes, Report> = {
  work: 'x * x over 1,000,000 integers, 2 workers',
  unit: 'items/s',
  better: 'higher',
  goal: { kind: 'times', value: 3 },
  sizes: {
    full: { items: 1_000_000, singleItems: 10_000, workers: 2 },
    quick: { items: 100_000, singleItems: 2_000, workers: 2 },
  },
  figure: ({ seconds, operations }) => operations / seconds,
  expected({ items, singleItems }, _, participant) {
    const done = participant === 'ours' || participant === 'cpython' ? items : singleItems;
    let sum = 0;
    for (let i = 0; i < done; i++) sum += (i * i) % MODULUS;
    return { operations: done, sum };
  },
  leftOut: {
    child_process: 'no pool; its messages are in the rows pipe.*',
    worker_threads: 'no pool; its messages are in the rows pipe.*',
  },
  notes: [
    'no Node pool can chunk: theirs is one task for each item, and 10,000 items a round, since a million would take a minute',
  ],
};

export const square = (x: number): number => x * x;

export const program: Program<Sizes, Report> = ({ items, workers }) => {
  const pool = new Pool({ processes: workers, context: getContext('spawn') });
  const list = Array.from({ length: items }, (_, i) => i);
  return {
    async round() {
      const started = performance.now();
      const squares = await pool.map(square, list);
      const seconds = (performance.now() - started) / 1000;
      let sum = 0;
      for (const value of squares) sum += value % MODULUS;
      return { seconds, operations: squares.length, sum };
    },
    close: () => pool[Symbol.asyncDispose](),
  };
};
