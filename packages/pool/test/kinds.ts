import { readdirSync } from 'node:fs';
import { getContext, type StartMethod } from '@mp/context';
import { Pool, type PoolOptions, ThreadPool, type WorkerPool } from '@mp/pool';
import { until } from '@mp/testing';
import { square } from './fixtures/sums.ts';
import { startMethods } from './start-methods.ts';

/** What the workers of a pool are: processes that were started in some way, or threads. */
export type Kind = StartMethod | 'threads';

/** All that have to behave alike: `describe.each(kinds)`. */
export const kinds: readonly Kind[] = [...startMethods, 'threads'];

export function makePool(kind: Kind, options: Omit<PoolOptions, 'context'> = {}): WorkerPool {
  if (kind === 'threads') return new ThreadPool(options);
  return new Pool({ ...options, context: getContext(kind) });
}

/** All workers have come up and gone to sleep: what they open in this process, if they are threads, is open. */
export async function allUp(pool: WorkerPool): Promise<void> {
  do await pool.map(square, [1, 2, 3, 4], { chunkSize: 1 });
  while (pool.statistics().workers.some(({ tasks }) => tasks === 0));
  let seen = 0;
  let since = performance.now();
  await until(() => {
    const { length } = readdirSync('/proc/self/fd');
    if (length !== seen) since = performance.now();
    seen = length;
    return performance.now() - since > 200;
  });
}
