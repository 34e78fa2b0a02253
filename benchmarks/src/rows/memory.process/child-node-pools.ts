import type { NodePool } from '../../peers/node-pool.ts';
import type { Program } from '../../program.ts';

export const ownPid = (): number => process.pid;

export const program: Program<{ readonly workers: number }> = async ({ workers }, peer) => {
  const { openNodePool } = await import('../../peers/node-pool.ts');
  const { besideBareNode, growthBy } = await import('../../memory.ts');
  const open = (): Promise<NodePool> => openNodePool(peer, { module: import.meta.url, workers });
  const pidOfWorker = async (pool: NodePool): Promise<number> => (await pool.call('ownPid', undefined)) as number;
  // What a pool loads into our own process is there before it is measured by how much that grows.
  const first = await open();
  const inThreads = (await pidOfWorker(first)) === process.pid;
  await first.close();
  return {
    warm() {},
    async round() {
      let pool: NodePool | undefined;
      try {
        if (!inThreads) {
          pool = await open();
          return await besideBareNode(await pidOfWorker(pool));
        }
        return await growthBy(async () => {
          pool = await open();
          await pidOfWorker(pool);
        });
      } finally {
        await pool?.close();
      }
    },
    close() {},
  };
};
