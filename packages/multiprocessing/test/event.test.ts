import { describe, expect, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, inProcess, startMethods, stuckProcess, testPool } from './across.ts';
import { answer, type Question, setInTask, waitForEver, waitInTask } from './fixtures/events.ts';

await checkSharedLeaks();

const question = (): Question => [new mp.Event(), new mp.Event()];

describe.each(startMethods)('by %s: an Event', (method) => {
  test('comes as an argument, through pipes and through queues, and wakes both forms', async () => {
    const things = question();
    const [asked, answered] = things;
    const { result } = await inProcess(method, answer, things);
    for (let i = 0; i < 3; i++) {
      asked.set();
      expect(i % 2 === 0 ? await answered.wait() : answered.waitSync()).toBe(true);
      answered.clear();
    }
    expect(await result).toBe(true);
  });

  test('comes in tasks of a pool', async () => {
    const things = question();
    const pool = testPool(method, 2);
    const waiting = pool.apply(waitInTask, [things]);
    await pool.apply(setInTask, [things]);
    expect(await waiting).toBe(true);
    expect(things[0].isSet()).toBe(true);
  });

  test('killed waiters are in the way of nobody', async () => {
    const things = question();
    const [asked] = things;
    const waiters = [await stuckProcess(method, waitForEver, things), await stuckProcess(method, waitForEver, things)];
    const waiting = asked.wait();
    for (const waiter of waiters) await waiter.kill();
    asked.set();
    expect([await waiting, asked.waitSync(), asked.isSet()]).toEqual([true, true, true]);
    asked.clear();
    expect(await asked.wait({ timeout: 0 })).toBe(false);
  });
});
