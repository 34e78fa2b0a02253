import { getContext, type StartMethod } from '@mp/context';
import { type BaseManager, SyncManager } from '@mp/managers';
import { onTestFinished } from 'vitest';
import { Initialised, Maths, makePlain } from './fixtures/maths.ts';

export class TestManager extends SyncManager.register('Maths', {
  create: Maths,
  methodToTypeid: { counter: 'Counter', numbers: 'list' },
})
  .register('Initialised', { create: Initialised })
  .register('Plain', { create: makePlain })
  .register('Counter') {}

type Options = NonNullable<ConstructorParameters<typeof BaseManager>[0]>;

/** A started manager for one test. */
export async function started(method: StartMethod = 'spawn', options: Options = {}): Promise<TestManager> {
  // A server that is asked to end does so: it is not for a busy machine to have it killed before.
  const manager = new TestManager({ context: getContext(method), shutdownTimeout: 50_000, ...options });
  onTestFinished(() => manager.shutdown());
  await manager.start();
  return manager;
}

/** What a promise came to: its value, or its error. */
export const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
