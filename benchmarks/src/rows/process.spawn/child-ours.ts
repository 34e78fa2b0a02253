import { SpawnProcess } from '@mp/process';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly processes: number };
type Report = { readonly seconds: number; readonly operations: number };

export const row: Row<Sizes, Report> = {
  work: 'start + join of a no-op, one after the other',
  unit: 'ms',
  better: 'lower',
  goal: { kind: 'times', value: 1 },
  sizes: { full: { processes: 10 }, quick: { processes: 3 } },
  figure: ({ seconds, operations }) => (seconds / operations) * 1000,
  expected: ({ processes }) => ({ operations: processes }),
  limits: [{ name: 'bare node -e 0', source: 'child-bare-node.ts', atMost: 1.25 }],
  leftOut: {
    'node-pools': 'a pool, which starts no single process',
  },
  notes: ['child_process forks an empty module; worker_threads starts a thread with one, and no process'],
};

export function nothing(): void {}

export const program: Program<Sizes, Report> = ({ processes }) => ({
  async round() {
    let ended = 0;
    const started = performance.now();
    for (let i = 0; i < processes; i++) {
      const child = new SpawnProcess({ target: nothing });
      await child.start();
      await child.join();
      if (child.exitCode === 0) ended++;
      child.close();
    }
    return { seconds: (performance.now() - started) / 1000, operations: ended };
  },
  close() {},
});
