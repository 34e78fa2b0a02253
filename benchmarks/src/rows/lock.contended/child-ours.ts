import { SpawnProcess } from '@mp/process';
import { RawArray } from '@mp/sharedctypes';
import { Barrier, Event, Lock } from '@mp/synchronize';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly increments: number };
type Report = { readonly seconds: number; readonly operations: number; readonly counted: number };

const PROCESSES = 2;

export const row: Row<Sizes, Report> = {
  work: '2 processes, one lock, a counter that must be exact',
  unit: 'M/s',
  better: 'higher',
  goal: { kind: 'times', value: 2 },
  sizes: { full: { increments: 500_000 }, quick: { increments: 50_000 } },
  figure: ({ seconds, operations }) => operations / seconds / 1e6,
  expected: ({ increments }) => ({ operations: PROCESSES * increments, counted: PROCESSES * increments }),
  leftOut: {
    'node-pools': 'has no locks',
    child_process: 'has no locks',
    worker_threads: 'has no locks',
  },
};

/** Counts in each round, until told that it is over. */
export function count(lock: Lock, barrier: Barrier, over: Event, counter: Int32Array, increments: number): void {
  for (;;) {
    barrier.waitSync();
    if (over.isSet()) return;
    for (let i = 0; i < increments; i++) {
      lock.acquireSync();
      counter[0] = (counter[0] as number) + 1;
      lock.release();
    }
    barrier.waitSync();
  }
}

export const program: Program<Sizes, Report> = async ({ increments }) => {
  const lock = new Lock();
  const barrier = new Barrier(PROCESSES + 1);
  const over = new Event();
  const counter = RawArray('i', 1) as Int32Array;
  const children = Array.from(
    { length: PROCESSES },
    () => new SpawnProcess({ target: count, args: [lock, barrier, over, counter, increments] }),
  );
  await Promise.all(children.map((child) => child.start()));
  return {
    round() {
      const before = counter[0] as number;
      barrier.waitSync();
      const started = performance.now();
      barrier.waitSync();
      const seconds = (performance.now() - started) / 1000;
      return { seconds, operations: PROCESSES * increments, counted: (counter[0] as number) - before };
    },
    async close() {
      over.set();
      barrier.waitSync();
      await Promise.all(children.map((child) => child.join()));
    },
  };
};
