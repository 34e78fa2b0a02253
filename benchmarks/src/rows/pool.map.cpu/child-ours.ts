import { getContext } from '@mp/context';
import { Pool } from '@mp/pool';
import type { Program } from '../../program.ts';
import type { Row } from '../../row.ts';
import { burn, burned, calibrate } from './burn.ts';

type Sizes = {
  /** With all workers. */
  readonly tasks: number;
  /** With one worker: as many as each of the workers gets otherwise. */
  readonly aloneTasks: number;
  readonly taskMilliseconds: number;
  readonly workers: number;
};
type Report = {
  readonly alone: number;
  readonly together: number;
  readonly aloneTasks: number;
  readonly tasks: number;
  readonly steps: number;
  readonly sum: number;
};

export const row: Row<Sizes, Report> = {
  work: '64 tasks of 50 ms of pure computing, 2 workers, against one worker',
  unit: '× one worker',
  better: 'higher',
  goal: { kind: 'at least', value: 1.9 },
  sizes: {
    full: { tasks: 64, aloneTasks: 32, taskMilliseconds: 50, workers: 2 },
    quick: { tasks: 16, aloneTasks: 8, taskMilliseconds: 50, workers: 2 },
  },
  figure: ({ alone, aloneTasks, together, tasks }) => alone / aloneTasks / (together / tasks),
  expected({ tasks, aloneTasks }, { steps }) {
    let sum = 0;
    for (let seed = 0; seed < tasks; seed++) sum += burned(seed, steps);
    for (let seed = 0; seed < aloneTasks; seed++) sum += burned(seed, steps);
    return { tasks, aloneTasks, sum };
  },
  leftOut: {
    child_process: 'no pool; its messages are in the rows pipe.*',
    worker_threads: 'no pool; its messages are in the rows pipe.*',
  },
  notes: [
    'the figure is the speed of 2 workers over that of one, a task each; how many steps take 50 ms is found by each participant for itself',
    'the one worker gets 32 tasks, which is what each of the two gets of the 64',
  ],
};

export const program: Program<Sizes, Report> = ({ tasks, aloneTasks, taskMilliseconds, workers }) => {
  const context = getContext('spawn');
  const one = new Pool({ processes: 1, context });
  const all = new Pool({ processes: workers, context });
  const steps = calibrate(taskMilliseconds);
  const run = async (pool: Pool, count: number): Promise<{ seconds: number; sum: number }> => {
    const list = Array.from({ length: count }, (_, seed) => [seed, steps] as const);
    const started = performance.now();
    const results = await pool.map(burn, list);
    return { seconds: (performance.now() - started) / 1000, sum: results.reduce((a, b) => a + b, 0) };
  };
  return {
    warm: async () => [await run(one, 2), await run(all, 2 * workers)],
    async round() {
      const alone = await run(one, aloneTasks);
      const together = await run(all, tasks);
      return {
        alone: alone.seconds,
        together: together.seconds,
        aloneTasks,
        tasks,
        steps,
        sum: alone.sum + together.sum,
      };
    },
    close: async () => void (await Promise.all([one[Symbol.asyncDispose](), all[Symbol.asyncDispose]()])),
  };
};
