import type { WorkerPool } from '@mp/pool';
import { callable, UnpicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { task as throwing } from './fixtures/modules/throws-when-imported.ts';
import { add, bytesHere, firstByte, square } from './fixtures/sums.ts';
import { Token, tokensArrived } from './fixtures/token.ts';
import { allUp, kinds, makePool } from './kinds.ts';
import { end, running } from './running.ts';

checkLeaks();

describe.each(kinds)('by %s', (kind) => {
  let pool: WorkerPool;
  beforeAll(async () => {
    pool = makePool(kind, { processes: 2 });
    await allUp(pool);
  });
  afterAll(() => end(pool));

  test('a function is sent to each worker once, whatever the number of tasks', async () => {
    const fn = callable(tokensArrived, new Token());
    const items = Array.from({ length: 200 }, (_, i) => i);
    expect(new Set(await pool.map(fn, items, { chunkSize: 1 }))).toEqual(new Set([1]));
    expect(new Set(pool.mapSync(fn, items))).toEqual(new Set([1]));
    expect(await Promise.all(items.map((item) => pool.apply(fn, [item])))).toEqual(items.map(() => 1));
    // Another function is another matter.
    const other = callable(tokensArrived, new Token());
    expect(new Set(await pool.map(other, items, { chunkSize: 1 }))).toEqual(new Set([2]));
  });

  test('those that come anew with each call do not fill the memory of the worker, and old ones come again', async () => {
    const own = running(kind, 1);
    const first = callable(firstByte, new Uint8Array(100_000).fill(1));
    const before = await own.apply(bytesHere);
    expect(await own.apply(first)).toBe(1);
    for (let i = 0; i < 400; i++) {
      const fn = callable(firstByte, new Uint8Array(100_000).fill(i));
      expect(await own.apply(fn)).toBe(i % 256);
    }
    expect((await own.apply(bytesHere)) - before).toBeLessThan(20e6);
    expect(await own.map(callable(add, 1), [1, 2])).toEqual([2, 3]);
    expect(await own.apply(first)).toBe(1);
  });

  test.each(['legacy.cjs', 'script.mjs'])('may be of a module in JavaScript: %s', async (name) => {
    const module = (await import(new URL(`./fixtures/modules/${name}`, import.meta.url).href)) as {
      readonly cube: (x: number) => number;
    };
    expect(await pool.apply(module.cube, [3])).toBe(27);
    expect(await pool.map(module.cube, [1, 2])).toEqual([1, 8]);
    expect(pool.applySync(module.cube, [2])).toBe(8);
  });

  test('may bring its first arguments along', async () => {
    expect(await pool.map(callable(add, 10), [1, 2, 3])).toEqual([11, 12, 13]);
  });

  test('may be one that everybody has', async () => {
    expect(await pool.map(Math.abs, [-1, 2])).toEqual([1, 2]);
    expect(await pool.apply(JSON.stringify, [{ a: 1 }])).toBe('{"a":1}');
  });

  /** A forked worker has it already. */
  test.skipIf(kind === 'fork')('of a module that a worker cannot import fails its own tasks, every time', async () => {
    for (let i = 0; i < 6; i++) {
      const error: unknown = await pool.apply(throwing).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(UnpicklingError);
      expect(error).toMatchObject({
        message: expect.stringContaining('throws-when-imported.ts'),
        cause: expect.objectContaining({ message: 'this module does not want to be imported' }),
        stack: expect.stringMatching(/Pool(?:Worker|Thread)-\d+ \(pid \d+\): task\(\)$/),
      });
    }
    await expect(pool.map(throwing as (item: number) => void, [1, 2, 3], { chunkSize: 1 })).rejects.toThrow(
      UnpicklingError,
    );
    expect(await pool.map(square, [1, 2, 3, 4], { chunkSize: 1 })).toEqual([1, 4, 9, 16]);
    expect(pool.workers).toHaveLength(2);
  });
});
