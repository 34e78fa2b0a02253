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
  let times = 0;
  await until(() => {
    const { length } = readdirSync('/proc/self/fd');
    times = length === seen ? times + 1 : 0;
    seen = length;
    return times > 30;
  });
}
