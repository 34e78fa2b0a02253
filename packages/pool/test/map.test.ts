import type { WorkerPool } from '@mp/pool';
import { checkLeaks } from '@mp/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdUp } from './fixtures/gate.ts';
import {
  add,
  addAll,
  refuseNegative,
  same,
  seenBefore,
  square,
  squareLater,
  squareThenable,
  turnedInto,
  turnsInto,
  whoami,
} from './fixtures/sums.ts';
import { Gate } from './gate.ts';
import { allUp, kinds, makePool } from './kinds.ts';
import { end } from './running.ts';

checkLeaks();

describe.each(kinds)('by %s', (kind) => {
  let pool: WorkerPool;
  beforeAll(async () => {
    pool = makePool(kind, { processes: 2 });
    await allUp(pool);
  });
  afterAll(() => end(pool));

  type Map = <T, R>(fn: (item: T) => R, items: Iterable<T>, options?: { chunkSize?: number }) => Promise<Awaited<R>[]>;
  const forms: readonly (readonly [string, Map])[] = [
    ['map', (fn, items, options) => pool.map(fn, items, options)],
    ['mapSync', async (fn, items, options) => pool.mapSync(fn, items, options)],
    ['mapAsync', async (fn, items, options) => pool.mapAsync(fn, items, options)],
    ['mapAsync, got', async (fn, items, options) => pool.mapAsync(fn, items, options).get()],
    ['mapAsync, got synchronously', async (fn, items, options) => pool.mapAsync(fn, items, options).getSync()],
  ];

  describe.each(forms)('%s', (_, map) => {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const squares = numbers.map(square);

    test('calls a function with each item, and returns the results in their order, in chunks of any size', async () => {
      expect(await map(square, numbers)).toEqual(squares);
      for (const chunkSize of [1, 2, 7, 99, 100, 101, 1e9]) {
        expect(await map(square, numbers, { chunkSize }), `chunks of ${chunkSize}`).toEqual(squares);
      }
      expect(await map(square, [])).toEqual([]);
      expect(await map(square, [], { chunkSize: 5 })).toEqual([]);
      expect(await map(square, [7])).toEqual([49]);
    });

    test('takes async functions', async () => {
      expect(await map(squareLater, numbers)).toEqual(squares);
      expect(await map(squareThenable, [3, 4])).toEqual([9, 16]);
    });

    test('takes every iterable', async () => {
      expect(await map(square, new Set([1, 2, 2]))).toEqual([1, 4]);
      expect(await map(same, new globalThis.Map([['a', 1]]))).toEqual([['a', 1]]);
      expect(await map(same, 'a\u{1f600}')).toEqual(['a', '\u{1f600}']);
      expect(await map(square, new Uint8Array([1, 2]))).toEqual([1, 4]);
      expect(await map(square, count(5))).toEqual([0, 1, 4, 9, 16]);
      const sparse = new Array<number | undefined>(3);
      sparse[1] = 1;
      expect(await map(same, sparse)).toStrictEqual([undefined, 1, undefined]);
    });

    test('puts lists of small integers, of other numbers, and of anything together as they are', async () => {
      const special = [-0, 0, 1.5, Number.NaN, 2 ** 31, -(2 ** 31), Number.POSITIVE_INFINITY, 'text', null, undefined];
      const items = [...numbers, ...numbers.map((x) => x + 0.5), ...special, ...numbers.map((x) => x - 2 ** 40)];
      for (const chunkSize of [1, 3, 10, 100, 1000]) {
        expect(await map(same, items, { chunkSize }), `chunks of ${chunkSize}`).toStrictEqual(items);
      }
      expect(await map(same, items)).toStrictEqual(items);
    });

    test('lets the items of a chunk travel together', async () => {
      const object = {};
      expect(await map(seenBefore, Array(5).fill(object), { chunkSize: 2 })).toEqual([false, true, false, true, false]);
      expect(await map(seenBefore, Array(3).fill(object), { chunkSize: 1 })).toEqual([false, false, false]);
      // Each is an eighth of what is left, for two workers: smaller and smaller.
      const firsts = (await map(seenBefore, Array(80).fill(object))).flatMap((seen, i) => (seen ? [] : [i]));
      expect(firsts.slice(0, 7)).toEqual([0, 10, 19, 27, 34, 40, 45]);
      expect(firsts.slice(-8)).toEqual([72, 73, 74, 75, 76, 77, 78, 79]);
    });

    test('refuses sizes of chunks that are none, items that are none, and functions that are none', async () => {
      for (const chunkSize of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2' as never, null as never]) {
        await expect(map(square, [1], { chunkSize })).rejects.toThrow(`chunkSize is ${chunkSize}`);
        await expect(map(square, [1], { chunkSize })).rejects.toBeInstanceOf(RangeError);
      }
      for (const items of [undefined, null, 7, {}, square]) {
        await expect(map(square, items as never)).rejects.toThrow(/items must be an iterable/);
      }
      for (const fn of [undefined, null, 'square', {}]) {
        await expect(map(fn as never, [1])).rejects.toThrow(/fn must be a function/);
      }
      expect(await map(square, [2])).toEqual([4]);
    });

    test('has the error of an iterable that fails, and has begun nothing', async () => {
      const failing = function* (): Generator<number> {
        yield 1;
        throw new RangeError('no more items');
      };
      await expect(map(square, failing())).rejects.toThrow('no more items');
      expect(await map(square, [2])).toEqual([4]);
    });

    test('uses all workers', async () => {
      const workers = await map(whoami as (item: number) => string, numbers, { chunkSize: 1 });
      expect(new Set(workers).size).toBeLessThanOrEqual(2);
      expect(workers).not.toContain(whoami());
    });
  });

  test('has results of any kind for items that are numbers, whatever the earlier results of the chunk were', async () => {
    const items = Array.from({ length: 1200 }, (_, i) => i);
    expect(await pool.map(turnsInto, items, { chunkSize: 600 })).toStrictEqual(items.map(turnedInto));
    expect(await pool.map(turnsInto, items)).toStrictEqual(items.map(turnedInto));
    const many = Array.from({ length: 9000 }, (_, i) => i / 2);
    expect(await pool.map(same, many)).toStrictEqual(many);
    expect(await pool.map(same, many, { chunkSize: 9000 })).toStrictEqual(many);
    const failing = items.map((x) => (x === 777 ? -1 : x + 0.5));
    const error = await pool.map(refuseNegative, failing, { chunkSize: 600 }).catch((error: Error) => error);
    expect(error).toMatchObject({ message: '-1 is negative', stack: expect.stringContaining('items[777] of map') });
    expect(await pool.map(refuseNegative, items)).toStrictEqual(items);
  });

  test('results are in order though they come in another', async () => {
    const gate = new Gate();
    const results = pool.map(holdUp, [gate.key, undefined, undefined, undefined], { chunkSize: 1 });
    await gate.reached;
    // The one worker is held up; the other one goes on.
    expect(await pool.apply(square, [5])).toBe(25);
    gate.open();
    expect(await results).toEqual(['held up', 'passed', 'passed', 'passed']);
    gate.close();
  });

  describe.each([
    ['map', <T, R>(fn: (item: T) => R, items: AsyncIterable<T>) => pool.map(fn, items)],
    [
      'starmap',
      <T, R>(fn: (item: T) => R, items: AsyncIterable<T>) =>
        pool.starmap(
          fn,
          (async function* (): AsyncGenerator<[T]> {
            for await (const item of items) yield [item];
          })(),
        ),
    ],
  ])('%s', (_, map) => {
    test('takes an async iterable', async () => {
      expect(await map(square, countLater(5))).toEqual([0, 1, 4, 9, 16]);
      expect(await map(square, countLater(0))).toEqual([]);
    });

    test('has the error of an async iterable that fails', async () => {
      const failing = async function* (): AsyncGenerator<number> {
        yield* countLater(3);
        throw new RangeError('no more items');
      };
      await expect(map(square, failing())).rejects.toThrow('no more items');
    });
  });

  test('mapAsync and mapSync cannot wait for an async iterable', () => {
    expect(() => pool.mapAsync(square, countLater(1) as never as Iterable<number>)).toThrow(
      /items must be an iterable/,
    );
    expect(() => pool.mapSync(square, countLater(1) as never as Iterable<number>)).toThrow(/items must be an iterable/);
  });

  test('starmap takes the items for lists of arguments', async () => {
    const pairs = Array.from({ length: 50 }, (_, i): [number, number] => [i, 2 * i]);
    const sums = pairs.map(([a, b]) => a + b);
    expect(await pool.starmap(add, pairs)).toEqual(sums);
    expect(await pool.starmap(add, new Set(pairs), { chunkSize: 1 })).toEqual(sums);
    expect(await pool.starmapAsync(add, pairs, { chunkSize: 7 })).toEqual(sums);
    expect(await pool.starmap(addAll, [[], [1], [1, 2, 3]])).toEqual([0, 1, 6]);
    expect(await pool.starmap(add, [])).toEqual([]);
  });

  test('starmap fails for an item that is no list', async () => {
    await expect(pool.starmap(add, [7 as never])).rejects.toThrow(TypeError);
    const numbers = Array.from({ length: 100 }, (_, i) => i as never);
    await expect(pool.starmap(add, numbers, { chunkSize: 100 })).rejects.toThrow(TypeError);
    expect(await pool.starmap(add, [[1, 2]])).toEqual([3]);
  });
});

function* count(to: number): Generator<number> {
  for (let i = 0; i < to; i++) yield i;
}

async function* countLater(to: number): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) {
    await null;
    yield i;
  }
}
