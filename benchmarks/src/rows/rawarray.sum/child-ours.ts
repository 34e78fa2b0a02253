import { RawArray } from '@mp/sharedctypes';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly elements: number; readonly rounds: number };
type Report = { readonly seconds: number; readonly operations: number; readonly sum: number };

export const row: Row<Sizes, Report> = {
  work: 'a RawArray of doubles added up, element by element',
  unit: 'ns per element',
  better: 'lower',
  goal: { kind: 'times', value: 50 },
  sizes: { full: { elements: 1_000_000, rounds: 10 }, quick: { elements: 100_000, rounds: 5 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1e9,
  expected: ({ elements, rounds }) => ({
    operations: elements * rounds,
    sum: (rounds * elements * (elements - 1)) / 2,
  }),
  leftOut: {
    'node-pools': 'they have no shared arrays',
    child_process: 'it has no shared memory',
    worker_threads: 'a Float64Array over a SharedArrayBuffer is the same to V8: both read memory',
  },
};

function add(array: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < array.length; i++) sum += array[i] as number;
  return sum;
}

export const program: Program<Sizes, Report> = ({ elements, rounds }) => {
  const array = RawArray('d', elements);
  for (let i = 0; i < elements; i++) array[i] = i;
  return {
    round() {
      let sum = 0;
      const started = performance.now();
      for (let i = 0; i < rounds; i++) sum += add(array);
      return { seconds: (performance.now() - started) / 1000, operations: elements * rounds, sum };
    },
    close() {},
  };
};
