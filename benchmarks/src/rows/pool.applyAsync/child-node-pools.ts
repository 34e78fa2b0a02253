import type { Program } from '../../program.ts';

type Sizes = { readonly calls: number; readonly warmUpCalls: number; readonly workers: number };

export const square = (x: number): number => x * x;

export const program: Program<Sizes> = async ({ calls, warmUpCalls, workers }, peer) => {
  const { FOR_SMALL_TASKS, openNodePool } = await import('../../peers/node-pool.ts');
  const pool = await openNodePool(peer, {
    module: import.meta.url,
    workers,
    tasksInWorker: FOR_SMALL_TASKS,
  });
  const run = async (count: number): Promise<number> => {
    const results = Array.from({ length: count }, (_, i) => pool.call('square', i));
    let sum = 0;
    for (const value of await Promise.all(results)) sum += value as number;
    return sum;
  };
  return {
    warm: () => run(warmUpCalls),
    async round() {
      const started = performance.now();
      const sum = await run(calls);
      return { seconds: (performance.now() - started) / 1000, operations: calls, sum };
    },
    close: () => pool.close(),
  };
};
