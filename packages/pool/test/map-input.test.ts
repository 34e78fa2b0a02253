import { TimeoutError } from '@mp/errors';
import { PoolTerminatedError, type WorkerPool } from '@mp/pool';
import { checkLeaks } from '@mp/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { add, lengthOf, square } from './fixtures/sums.ts';
import { allUp, makePool } from './kinds.ts';
import { end, running } from './running.ts';

checkLeaks();

// What reads the input is the program itself: whatever its workers are, it is the same. These start soonest.
const kind = 'fork';

/** What its constructor takes is not what arrays take, and workers cannot import it. */
class Pair extends Array<string> {
  constructor(first: string, second: string) {
    super();
    this.push(first, second);
  }
}

describe('a map whose input comes one by one', () => {
  let pool: WorkerPool;
  beforeAll(async () => {
    pool = makePool(kind, { processes: 1 });
    await allUp(pool);
  });
  afterAll(() => end(pool));

  let closed = false;

  /** Always has one more at hand. */
  async function* naturals(): AsyncGenerator<number> {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      closed = true;
    }
  }

  const never: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };

  test('and never ends is ended by its time-out, and the input is closed', async () => {
    await expect(pool.map(square, naturals(), { timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
    expect(closed).toBe(true);
    await expect(pool.starmap(square, never as never, { timeout: 5 })).rejects.toThrow(
      /starmap\(square\) had no result/,
    );
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test('and never comes is ended by its signal, and by terminate', async () => {
    const controller = new AbortController();
    const aborted = pool.map(square, never, { signal: controller.signal });
    controller.abort('enough');
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
    const own = running(kind, 1);
    const terminated = own.map(square, never);
    own.terminate();
    await expect(terminated).rejects.toBeInstanceOf(PoolTerminatedError);
  });

  test('and is an array of a derived class is taken for what is in it, and parts of it are plain arrays', async () => {
    expect(await pool.map(lengthOf, new Pair('a', 'bc') as never[], { chunkSize: 1 })).toEqual([1, 2]);
    expect(await pool.starmap(add, new Pair('ab', 'cd') as never[], { chunkSize: 2 })).toEqual(['ab', 'cd']);
  });

  test('counts as handed over: a pool that is closed meanwhile does it to its end', async () => {
    const own = running(kind, 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    async function* later(): AsyncGenerator<number> {
      yield 1;
      await promise;
      yield* [2, 3];
    }
    const map = own.map(square, later());
    own.close();
    const joined = own.join();
    resolve();
    expect(await map).toEqual([1, 4, 9]);
    await joined;
  });

  test('is not read at all if something else is wrong', async () => {
    let read = false;
    async function* watched(): AsyncGenerator<number> {
      read = true;
      yield 1;
    }
    await expect(pool.map(square, watched(), { chunkSize: 0 })).rejects.toThrow(RangeError);
    await expect(pool.map(7 as never, watched())).rejects.toThrow(TypeError);
    await expect(pool.map(square, watched(), { retries: -1 })).rejects.toThrow(RangeError);
    expect(read).toBe(false);
  });
});
