import { getContext } from '@mp/context';
import { Pool } from '@mp/pool';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly workers: number };
type Report = { readonly pss: number; readonly rss: number; readonly barePss: number; readonly bareRss: number };

export const row: Row<Sizes, Report> = {
  work: 'PSS of an idle pool worker beyond a bare node that waits',
  unit: 'MiB',
  better: 'lower',
  goal: { kind: 'at most', value: 15 },
  sizes: { full: { workers: 1 }, quick: { workers: 1 } },
  figure: ({ pss, barePss }) => (pss - barePss) / 2 ** 20,
  // What is right depends on the machine; that all of it was there to be read is checked with the figure.
  expected: () => ({}),
  leftOut: {},
  notes: [
    'each round starts a worker anew, gives it one task, and looks at it when it is idle; CPython’s is compared with a bare python3 that sleeps',
    'child_process and worker_threads: an idle process or thread that listens for messages, and has no pool',
    'threads: by how much the PSS of the process grew',
  ],
};

export const ownPid = (): number => process.pid;

export const program: Program<Sizes, Report> = ({ workers }) => ({
  warm() {},
  async round() {
    // Not before it is needed: this module is loaded in the worker too, which has no use for that.
    const { besideBareNode } = await import('../../memory.ts');
    const pool = new Pool({ processes: workers, context: getContext('spawn') });
    try {
      return await besideBareNode(await pool.apply(ownPid));
    } finally {
      await pool[Symbol.asyncDispose]();
    }
  },
  close() {},
});
