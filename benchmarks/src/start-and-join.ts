import type { Process } from '@mp/process';
import type { Program } from './program.ts';
import type { Row } from './row.ts';

/** What the rows process.* measure, each by its own start method: a child that does nothing, from its start to its end. */

export type Sizes = { readonly processes: number };
export type Report = { readonly seconds: number; readonly operations: number };

export const startAndJoin = {
  work: 'start + join of a no-op, one after the other',
  unit: 'ms',
  better: 'lower',
  figure: ({ seconds, operations }) => (seconds / operations) * 1000,
  expected: ({ processes }) => ({ operations: processes }),
} satisfies Partial<Row<Sizes, Report>>;

export function nothing(): void {}

/** @param Class - a Process of one start method */
export const startAndJoinEach =
  (Class: new (options: { readonly target: () => void }) => Process<[]>): Program<Sizes, Report> =>
  ({ processes }) => ({
    async round() {
      let ended = 0;
      const started = performance.now();
      for (let i = 0; i < processes; i++) {
        const child = new Class({ target: nothing });
        await child.start();
        await child.join();
        if (child.exitCode === 0) ended++;
        child.close();
      }
      return { seconds: (performance.now() - started) / 1000, operations: ended };
    },
    close() {},
  });
