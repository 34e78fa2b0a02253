import { describe, expect, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, inProcess, startMethods, stuckProcess, testPool } from './across.ts';
import { come, comeAndStay, comeInVain, fail, failureOf, killYourself, meet } from './fixtures/barriers.ts';

await checkSharedLeaks();

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe.each(startMethods)('by %s: a Barrier', (method) => {
  test('comes as an argument, through pipes and through queues, and all meet again and again', async () => {
    const barrier = new mp.Barrier(2);
    const { result } = await inProcess(method, meet, barrier);
    const ours = [barrier.waitSync(), await barrier.wait(), barrier.waitSync()];
    expect((await result).map((place, i) => place + (ours[i] as number))).toEqual([1, 1, 1]);
  });

  test('comes in tasks of a pool', async () => {
    const barrier = new mp.Barrier(3);
    const pool = testPool(method, 2);
    const places = await Promise.all([pool.apply(come, [barrier]), pool.apply(come, [barrier]), barrier.wait()]);
    expect(places.sort()).toEqual([0, 1, 2]);
  });

  test.each(['wait', 'waitSync'] as const)('breaks at once when a party is killed: %s', async (form) => {
    // One more than come: whoever is quick completes nothing.
    const barrier = new mp.Barrier(4);
    const party = await stuckProcess(method, comeAndStay, barrier);
    const { result } = await inProcess(method, failureOf, barrier);
    const ours = form === 'wait' ? outcome(barrier.wait()) : undefined;
    await party.kill();
    expect(await (ours ?? outcome((async () => barrier.waitSync())()))).toBeInstanceOf(mp.BrokenBarrierError);
    expect(await result).toBe('broken');
    barrier.reset();
    expect([barrier.broken, barrier.nWaiting]).toEqual([false, 0]);
  });

  test('breaks when the party that runs the action is killed in the middle of it', async () => {
    const barrier = new mp.Barrier(2, { action: killYourself });
    const ours = outcome(barrier.wait());
    const { child, result } = await inProcess(method, failureOf, barrier);
    expect(await outcome(result)).toMatchObject({ code: 'ERR_MP_EOF' });
    expect(await ours).toBeInstanceOf(mp.BrokenBarrierError);
    await child.join();
    expect([child.exitCode, barrier.broken, barrier.nWaiting]).toEqual([-9, true, 0]);
  });

  test('has its action run by the last, wherever that is, and breaks for all when it fails', async () => {
    const barrier = new mp.Barrier(2, { action: fail });
    const { result } = await inProcess(method, failureOf, barrier);
    const told = await Promise.all([result, testPool(method, 1).apply(comeInVain, [barrier])]);
    expect(told.sort()).toEqual(['broken', 'the action failed']);
    expect(barrier.broken).toBe(true);
  });
});
