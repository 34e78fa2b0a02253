import { readdirSync, readFileSync } from 'node:fs';
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

/** A worker that is to be forked is none before the event loop comes to it, and no thread is at work. */
export async function allThere(pool: WorkerPool): Promise<void> {
  await until(() => pool.workers.length === pool.size, { what: 'lost workers to be replaced' });
}

/** All workers have come up and gone to sleep: what they open in this process, if they are threads, is open. */
export async function allUp(pool: WorkerPool): Promise<void> {
  await allThere(pool);
  do await pool.map(square, [1, 2, 3, 4], { chunkSize: 1 });
  while (pool.statistics().workers.some(({ tasks }) => tasks === 0));
  let seen = 0;
  let since = performance.now();
  await until(() => {
    const { length } = readdirSync('/proc/self/fd');
    // A thread that only waits for a processor may be about to open something.
    if (length !== seen || isAnotherThreadAtWork()) since = performance.now();
    seen = length;
    return performance.now() - since > 200;
  });
}

/** Whether a thread of this process but the main one runs, or would if it had a processor. */
function isAnotherThreadAtWork(): boolean {
  return readdirSync('/proc/self/task').some((id) => {
    if (id === `${process.pid}`) return false;
    try {
      const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')')).startsWith(') R');
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}
