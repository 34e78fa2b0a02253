import { getContext, type StartMethod } from '@mp/context';
import { Pool } from '@mp/pool';
import { onTestFinished } from 'vitest';

/** A pool for one test: its workers are gone afterwards, whatever became of the test. */
export function running(method: StartMethod, processes: number): Pool {
  const pool = new Pool({ processes, context: getContext(method) });
  onTestFinished(() => end(pool));
  return pool;
}

/** Ends a pool by force. */
export async function end(pool: Pool): Promise<void> {
  pool.terminate();
  await pool.join();
}
