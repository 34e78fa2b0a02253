import type { Program } from '../../program.ts';

export const square = (x: number): number => x * x;

export const program: Program<{ readonly singleItems: number; readonly workers: number }> = async (
  { singleItems, workers },
  peer,
) => {
  const { FOR_SMALL_TASKS, openNodePool } = await import('../../peers/node-pool.ts');
  const pool = await openNodePool(peer, {
    module: import.meta.url,
    workers,
    tasksInWorker: FOR_SMALL_TASKS,
  });
  const list = Array.from({ length: singleItems }, (_, i) => i);
  return {
    async round() {
      let sum = 0;
      const started = performance.now();
      const results = await Promise.all(list.map((x) => pool.call('square', x)));
      for (const value of results) sum += value as number;
      return { seconds: (performance.now() - started) / 1000, operations: results.length, sum };
    },
    close: () => pool.close(),
  };
};
