import { getContext } from '@mp/context';
import { Pool } from '@mp/pool';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';

type Sizes = { readonly tasks: number; readonly bytes: number; readonly workers: number };
type Report = { readonly seconds: number; readonly operations: number; readonly bytes: number; readonly sum: number };

export const row: Row<Sizes, Report> = {
  work: '64 tasks that each return 4 MiB, 2 workers',
  unit: 'MiB/s',
  better: 'higher',
  goal: { kind: 'times', value: 3 },
  sizes: {
    full: { tasks: 64, bytes: 4 * 2 ** 20, workers: 2 },
    quick: { tasks: 16, bytes: 4 * 2 ** 20, workers: 2 },
  },
  figure: ({ seconds, bytes }) => bytes / 2 ** 20 / seconds,
  // Each result is filled with the number of its task; its first, middle and last byte are looked at.
  expected: ({ tasks, bytes }) => ({
    operations: tasks,
    bytes: tasks * bytes,
    sum: 3 * ((tasks * (tasks - 1)) / 2),
  }),
  leftOut: {
    child_process: 'no pool; its messages are in the rows pipe.*',
    worker_threads: 'no pool; its messages are in the rows pipe.*',
  },
  notes: ['the pools of threads hand their results over (move) instead of copying them'],
};

export const fill = ([byte, size]: readonly [byte: number, size: number]): Uint8Array =>
  new Uint8Array(size).fill(byte);

export const program: Program<Sizes, Report> = ({ tasks, bytes, workers }) => {
  const pool = new Pool({ processes: workers, context: getContext('spawn') });
  const list = Array.from({ length: tasks }, (_, i) => [i, bytes] as const);
  return {
    async round() {
      const started = performance.now();
      const results = await pool.map(fill, list);
      const seconds = (performance.now() - started) / 1000;
      let sum = 0;
      let received = 0;
      for (const result of results) {
        received += result.length;
        sum += result[0]! + result[result.length >> 1]! + result.at(-1)!;
      }
      return { seconds, operations: results.length, bytes: received, sum };
    },
    close: () => pool[Symbol.asyncDispose](),
  };
};
