import { describe, expect, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, inProcess, startMethods, stuckProcess, testPool } from './across.ts';
import { countUp, countWithAll, type Guarded, hold, TIMES, waitFor } from './fixtures/locks.ts';

await checkSharedLeaks();

const guarded = (): Guarded => ({
  locks: [new mp.Lock(), new mp.RLock(), new mp.Semaphore(), new mp.BoundedSemaphore()],
  counters: mp.RawArray('i', 4),
});

describe.each(startMethods)('by %s: Lock, RLock, Semaphore and BoundedSemaphore', (method) => {
  test('come as arguments, through pipes and through queues, and exclude each other', async () => {
    const things = guarded();
    const { result } = await inProcess(method, countWithAll, things);
    await countUp(things);
    expect(await result).toBe(true);
    expect([...things.counters]).toEqual(Array(4).fill(4 * TIMES));
    expect(things.locks.map((lock) => lock.locked())).toEqual([false, false, false, false]);
  });

  test('come in tasks of a pool', async () => {
    const things = guarded();
    const tasks = testPool(method, 2).map(countUp, [things, things, things, things], { chunkSize: 1 });
    await countUp(things);
    expect(await tasks).toEqual(Array(4).fill(4 * TIMES));
    expect([...things.counters]).toEqual(Array(4).fill(5 * TIMES));
  });

  test.each(['acquire', 'acquireSync'] as const)(
    'when a holder is killed, one is told by %s and has the lock; units are gone',
    async (form) => {
      const things = guarded();
      const holder = await stuckProcess(method, hold, things);
      const [lock, rlock, semaphore, bounded] = things.locks as [mp.Lock, mp.RLock, mp.Semaphore, mp.BoundedSemaphore];
      expect([await lock.acquire({ timeout: 0 }), rlock.acquireSync({ timeout: 0 })]).toEqual([false, false]);
      await holder.kill();
      for (const one of [lock, rlock]) {
        const error = await (async () => one[form]())().catch((error: unknown) => error);
        expect(error).toBeInstanceOf(mp.OwnerDiedError);
        expect(error).toMatchObject({ pid: holder.pid });
        expect(one.locked()).toBe(true);
        one.release();
        expect(await one[form]()).toBe(true);
        one.release();
      }
      expect([semaphore.getValue(), bounded.getValue()]).toEqual([0, 0]);
    },
  );

  test('a killed waiter is in the way of nobody', async () => {
    const things = guarded();
    for (const lock of things.locks) await lock.acquire();
    const waiter = await stuckProcess(method, waitFor, things);
    await waiter.kill();
    for (const lock of things.locks) {
      lock.release();
      expect(await lock.acquire()).toBe(true);
      lock.release();
      expect(lock.acquireSync()).toBe(true);
      lock.release();
    }
  });
});

test('locks of any context are the same ones in processes of every start method at once', async () => {
  const context = mp.getContext(startMethods.at(-1));
  const locks = [new context.Lock(), new context.RLock(), new context.Semaphore(), new context.BoundedSemaphore()];
  const things: Guarded = { locks, counters: mp.RawArray('i', 4) };
  const children = await Promise.all(startMethods.map((method) => inProcess(method, countWithAll, things)));
  await countUp(things);
  for (const { result } of children) expect(await result).toBe(true);
  expect([...things.counters]).toEqual(Array(4).fill((1 + 3 * children.length) * TIMES));
});
