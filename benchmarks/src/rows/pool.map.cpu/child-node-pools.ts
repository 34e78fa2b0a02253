import type { NodePool } from '../../peers/node-pool.ts';
import type { Program } from '../../program.ts';
import { burn, calibrate } from './burn.ts';

type Sizes = {
  readonly tasks: number;
  readonly aloneTasks: number;
  readonly taskMilliseconds: number;
  readonly workers: number;
};

export { burn };

export const program: Program<Sizes> = async ({ tasks, aloneTasks, taskMilliseconds, workers }, peer) => {
  const { openNodePool } = await import('../../peers/node-pool.ts');
  const one = await openNodePool(peer, { module: import.meta.url, workers: 1 });
  const all = await openNodePool(peer, { module: import.meta.url, workers });
  const steps = calibrate(taskMilliseconds);
  const run = async (pool: NodePool, count: number): Promise<{ seconds: number; sum: number }> => {
    const list = Array.from({ length: count }, (_, seed) => [seed, steps]);
    const started = performance.now();
    const results = (await Promise.all(list.map((task) => pool.call('burn', task)))) as number[];
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
    close: async () => void (await Promise.all([one.close(), all.close()])),
  };
};
