import { describe, expect, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, inProcess, startMethods, stuckProcess, testPool } from './across.ts';
import { type Arrays, addOnes, holdAndStay, Pixel, TIMES, writeByAll } from './fixtures/arrays.ts';

await checkSharedLeaks();

const arrays = (): Arrays => ({
  numbers: new mp.Array('l', 10),
  text: new mp.SharedArray('c', 'hello'),
  pixels: new mp.SharedArray(Pixel, 3),
  raw: mp.RawArray('d', 4),
});

describe.each(startMethods)('by %s: Array and RawArray', (method) => {
  test('come as arguments, through pipes and through queues, and are never half written', async () => {
    const things = arrays();
    const { result } = await inProcess(method, writeByAll, things);
    addOnes(things);
    expect(await result).toBe('hi 255 0.5');
    expect(things.numbers.slice()).toEqual(Array(10).fill(BigInt(4 * TIMES)));
    expect([things.text.value, things.text.raw[4], things.pixels.get(2).green]).toEqual(['hi', 111, 255]);
    expect([...things.raw]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  test('come in tasks of a pool', async () => {
    const things = arrays();
    await testPool(method, 2).map(addOnes, [things, things, things], { chunkSize: 1 });
    expect(things.numbers.slice()).toEqual(Array(10).fill(BigInt(3 * TIMES)));
  });

  test('when who has the lock is killed, the next access is told, once', async () => {
    const things = arrays();
    const holder = await stuckProcess(method, holdAndStay, things);
    await holder.kill();
    expect(() => things.numbers.get(0)).toThrow(mp.OwnerDiedError);
    expect(things.numbers.get(0)).toBe(0n);
    expect(await things.numbers.acquire({ timeout: 0 })).toBe(true);
  });
});
