import { describe, expect, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, inProcess, startMethods, stuckProcess, testPool } from './across.ts';
import { consume, consumeByAll, notifyAndStay, produce, type Stock, waitForEver } from './fixtures/conditions.ts';

await checkSharedLeaks();

const stock = (lock?: mp.Lock | mp.RLock): Stock => ({
  condition: new mp.Condition(lock),
  items: mp.RawArray('i', 1),
});

describe.each(startMethods)('by %s: a Condition', (method) => {
  test.each([
    ['a Lock', (): Stock => stock(new mp.Lock())],
    ['an RLock', (): Stock => stock()],
  ])('with %s comes as an argument, through pipes and through queues', async (_, make) => {
    const things = make();
    const { result } = await inProcess(method, consumeByAll, things);
    await produce(things, 20);
    expect(await result).toBe(true);
    expect(things.items[0]).toBe(0);
  });

  test('comes in tasks of a pool', async () => {
    const things = stock();
    const pool = testPool(method, 2);
    const tasks = Promise.all([pool.apply(consume, [things, 10]), pool.apply(consume, [things, 10])]);
    await produce(things, 20);
    expect(await tasks).toEqual([10, 10]);
    expect(things.items[0]).toBe(0);
  });

  test('a killed waiter is not notified, and others are', async () => {
    const things = stock();
    const { condition } = things;
    const waiter = await stuckProcess(method, waitForEver, things);
    const woken = condition.withLock(() => condition.wait());
    await condition.acquire();
    await waiter.kill();
    // With one notification, the one who lives gets it.
    expect(condition.notify()).toBe(1);
    expect(condition.notifyAll()).toBe(0);
    condition.release();
    expect(await woken).toBe(true);
  });

  test('when a notifier is killed with the lock, one of those whom it has woken is told, and has the lock', async () => {
    const things = stock();
    const { condition } = things;
    const one = condition.withLock(() => condition.wait()).catch((error: unknown) => error);
    const notifier = await stuckProcess(method, notifyAndStay, things);
    await notifier.kill();
    expect(await one).toBeInstanceOf(mp.OwnerDiedError);
    expect(await condition.acquire({ timeout: 0 })).toBe(true);
    condition.release();
  });
});
