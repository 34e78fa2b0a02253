import { describe, expect, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, inProcess, startMethods, stuckProcess, testPool } from './across.ts';
import { countByAll, countUp, Point, TIMES, type Values, writeAndStay } from './fixtures/values.ts';

await checkSharedLeaks();

const values = (): Values => ({
  counter: new mp.Value('i'),
  point: new mp.Value(Point),
  raw: new mp.RawValue('q'),
  letter: new mp.Value('c', 'a'),
});

describe.each(startMethods)('by %s: Value and RawValue', (method) => {
  test('come as arguments, through pipes and through queues, and lose no update', async () => {
    const things = values();
    const { result } = await inProcess(method, countByAll, things);
    await countUp(things);
    expect(await result).toBe('-9223372036854775808 z');
    expect([things.counter.value, things.point.x, things.point.y]).toEqual([4 * TIMES, 2 * TIMES, 4 * TIMES]);
    expect([things.raw.value, things.letter.value]).toEqual([-(2n ** 63n), 'z']);
  });

  test('come in tasks of a pool', async () => {
    const things = values();
    await testPool(method, 2).map(countUp, [things, things, things, things], { chunkSize: 1 });
    expect([things.counter.value, things.point.x, things.point.y]).toEqual([4 * TIMES, 2 * TIMES, 4 * TIMES]);
  });

  test('when a writer is killed in the middle, the next one is told, and then has the lock', async () => {
    const things = values();
    const writer = await stuckProcess(method, writeAndStay, things);
    const next = things.counter.acquire().catch((error: unknown) => error);
    await writer.kill();
    expect(await next).toBeInstanceOf(mp.OwnerDiedError);
    things.counter.value = 5;
    things.counter.release();
    expect(things.counter.update((n) => n + 1)).toBe(6);
  });
});
