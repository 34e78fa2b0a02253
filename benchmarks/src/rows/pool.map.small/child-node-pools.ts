import type { Program } from '../../program.ts';

const MODULUS = 1_000_003;

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
      const started = performance.now();
      const squares = await Promise.all(list.map((x) => pool.call('square', x)));
      const seconds = (performance.now() - started) / 1000;
      const sum = squares.reduce<number>((total, value) => total + ((value as number) % MODULUS), 0);
      return { seconds, operations: squares.length, sum };
    },
    close: () => pool.close(),
  };
};
