import type { PoolOptions, WorkerPool } from '@mp/pool';
import { onTestFinished } from 'vitest';
import { type Kind, makePool } from './kinds.ts';

/** A pool for one test: its workers are gone afterwards, whatever became of the test. */
export function running(
  kind: Kind,
  processes: number,
  options: Omit<PoolOptions, 'context' | 'processes'> = {},
): WorkerPool {
  const pool = makePool(kind, { ...options, processes });
  onTestFinished(() => end(pool));
  return pool;
}

/** Ends a pool by force. */
export async function end(pool: WorkerPool): Promise<void> {
  pool.terminate();
  await pool.join();
}
