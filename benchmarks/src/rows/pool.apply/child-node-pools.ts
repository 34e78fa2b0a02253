import type { Program } from '../../program.ts';

export const square = (x: number): number => x * x;

export const program: Program<{ readonly calls: number; readonly workers: number }> = async (
  { calls, workers },
  peer,
) => {
  const { openNodePool } = await import('../../peers/node-pool.ts');
  const pool = await openNodePool(peer, { module: import.meta.url, workers });
  return {
    async round() {
      let sum = 0;
      const started = performance.now();
      for (let i = 0; i < calls; i++) sum += (await pool.call('square', i)) as number;
      return { seconds: (performance.now() - started) / 1000, operations: calls, sum };
    },
    close: () => pool.close(),
  };
};
