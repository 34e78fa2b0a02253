import { Value } from '@mp/sharedctypes';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly times: number };
type Report = { readonly seconds: number; readonly operations: number; readonly value: number };

export const row: Row<Sizes, Report> = {
  work: "Value('i') += 1 under its lock, by one process",
  unit: 'ns',
  better: 'lower',
  goal: { kind: 'times', value: 5 },
  sizes: { full: { times: 1_000_000 }, quick: { times: 100_000 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1e9,
  expected: ({ times }) => ({ operations: times, value: times }),
  leftOut: {
    'node-pools': 'they have no shared values',
    child_process: 'it has no shared memory',
    worker_threads: 'it has no locks; Atomics.add alone is less than what is measured',
  },
  notes: ['ours is value.update((n) => n + 1), CPython: with value.get_lock(): value.value += 1'],
};

export const program: Program<Sizes, Report> = ({ times }) => {
  const value = new Value('i', 0);
  return {
    round() {
      value.value = 0;
      const started = performance.now();
      for (let i = 0; i < times; i++) value.update((n) => n + 1);
      return { seconds: (performance.now() - started) / 1000, operations: times, value: value.value };
    },
    close() {},
  };
};
