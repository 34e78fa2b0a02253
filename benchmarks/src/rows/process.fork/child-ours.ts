import { ForkProcess } from '@mp/process';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly processes: number };
type Report = { readonly seconds: number; readonly operations: number };

export const row: Row<Sizes, Report> = {
  work: 'start + join of a no-op, one after the other',
  unit: 'ms',
  better: 'lower',
  goal: { kind: 'times', value: 1.2 },
  sizes: { full: { processes: 200 }, quick: { processes: 20 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1000,
  expected: ({ processes }) => ({ operations: processes }),
  leftOut: {
    child_process: 'starts a fresh node each time: see process.spawn',
    worker_threads: 'starts no process: see process.spawn',
    'node-pools': 'a pool, which starts no single process',
  },
};

export function nothing(): void {}

export const program: Program<Sizes, Report> = ({ processes }) => ({
  async round() {
    let ended = 0;
    const started = performance.now();
    for (let i = 0; i < processes; i++) {
      const child = new ForkProcess({ target: nothing });
      await child.start();
      await child.join();
      if (child.exitCode === 0) ended++;
      child.close();
    }
    return { seconds: (performance.now() - started) / 1000, operations: ended };
  },
  close() {},
});
