// @module-tag every-node
import { MaybeEncodingError, type WorkerPool } from '@mp/pool';
import { callable, PicklingError, UnpicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as failures from './fixtures/failures.ts';
import * as odd from './fixtures/odd-values.ts';
import { same, square } from './fixtures/sums.ts';
import { allUp, kinds, makePool } from './kinds.ts';
import { end } from './running.ts';

checkLeaks();

const local = (): number => 1;
const seventeen = Array.from({ length: 17 }, (_, i) => i);

describe.each(kinds)('by %s', (kind) => {
  let pool: WorkerPool;
  beforeAll(async () => {
    pool = makePool(kind, { processes: 2 });
    await allUp(pool);
  });
  afterAll(() => end(pool));

  async function failure(result: PromiseLike<unknown>): Promise<Error & { readonly path?: string }> {
    return (await Promise.resolve(result).then(
      (value) => expect.unreachable(`it has a result: ${value}`),
      (error: unknown) => error,
    )) as Error;
  }

  /** Both workers work on. */
  async function allIsWell(): Promise<void> {
    expect(await pool.map(square, [1, 2, 3, 4, 5, 6], { chunkSize: 1 })).toEqual([1, 4, 9, 16, 25, 36]);
    expect(pool.workers).toHaveLength(2);
  }

  describe('what a task throws', () => {
    test.each([failures.failOrder, failures.rejectOrder])(
      'has its class, its fields and its cause (%o)',
      async (fn) => {
        const error = await failure(pool.apply(fn, [7]));
        expect(error).toBeInstanceOf(failures.OrderError);
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({
          name: 'OrderError',
          message: 'order 7: out of nails',
          order: { id: 7, items: new Map([['nails', 7]]) },
          cause: expect.objectContaining({ message: 'only 3 left', cause: 'Monday' }),
        });
        await allIsWell();
      },
    );

    test('has the stack of where it happened, and after it the worker and the task', async () => {
      const { stack } = await failure(pool.apply(failures.failOrder, [7]));
      expect(stack).toMatch(/^OrderError: order 7: out of nails\n +at failOrder .*failures\.ts:\d+:\d+\)/);
      const [, name, pid] =
        /\n {4}at (Pool(?:Worker|Thread)-\d+) \(pid (\d+)\): failOrder\(\)$/.exec(stack ?? '') ?? [];
      expect(pool.workers).toContainEqual({ name, pid: Number(pid) });
    });

    test.each([1, 5, 100])('in a map of chunks of %d is of the item that it happened with', async (chunkSize) => {
      const items = Array.from({ length: 40 }, (_, i) => i);
      const one = await failure(pool.map(failures.failOnSeventeen, items, { chunkSize }));
      expect(one.message).toBe('no 17');
      expect(one.stack).toMatch(/\(pid \d+\): items\[17\] of map\(failOnSeventeen\)$/);
      const pairs = items.map((item): [number, number] => [23, item]);
      const other = await failure(pool.starmap(failures.failOn, pairs, { chunkSize }));
      expect(other.stack).toMatch(/: items\[23\] of starmap\(failOn\)$/);
    });

    test('does not show the stack among its fields', async () => {
      expect(Object.keys(await failure(pool.apply(failures.failOrder, [7])))).not.toContain('stack');
    });

    test('in several chunks: the map has one of them, and is over only when all are', async () => {
      const error = await failure(pool.map(failures.failOrder, [1, 2, 3, 4, 5, 6], { chunkSize: 1 }));
      expect(error.message).toMatch(/^order [1-6]: out of nails$/);
      await allIsWell();
    });

    test('of a class that is not exported is of the nearest class that everybody has', async () => {
      const error = await failure(pool.apply(failures.failHidden));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: 'of a hidden class', hidden: true });
    });

    test('may be anything', async () => {
      for (const value of ['a string', 42, null, undefined, { a: [1] }, [1, 2], 10n]) {
        expect(await failure(pool.apply(failures.throwIt, [value]))).toEqual(value);
        expect(await failure(pool.map(failures.throwIt, [value]))).toEqual(value);
      }
      await allIsWell();
    });

    test('may be frozen, and may not like to be looked at', async () => {
      expect((await failure(pool.apply(failures.throwFrozen))).message).toBe('frozen');
      expect((await failure(pool.apply(failures.throwHostile))).message).toBe('hostile');
      await allIsWell();
    });

    test('is replaced by words if it is no error and cannot travel', async () => {
      const error = await failure(pool.apply(failures.throwFunction));
      expect(error).toBeInstanceOf(MaybeEncodingError);
      expect(error.message).toMatch(/^The task threw \[Function .*`error` cannot be pickled/);
      await allIsWell();
    });
  });

  /** With and without somebody who waits; twice, so that each worker meets it. */
  const twice = async (attempt: () => PromiseLike<unknown>): Promise<Error[]> => {
    const errors: Error[] = [];
    for (let i = 0; i < 2; i++) errors.push(...(await Promise.all([attempt(), attempt()].map(failure))));
    await allIsWell();
    return errors;
  };

  describe('what cannot be pickled fails its own task, and is called as the user calls it:', () => {
    test.each<[string, () => PromiseLike<unknown>]>([
      ['fn', () => pool.apply(local)],
      ['fn', () => pool.map(local, [1, 2])],
      ['args[0]', () => pool.apply(same, [local])],
      ['args[0].list[2].cb', () => pool.apply(same, [{ list: [0, 1, { cb: local }] }])],
      ['args[0]', () => pool.applyAsync(same, [new odd.Unreadable()])],
      ['items[17]', () => pool.map(same, [...seventeen, local])],
      ['items[17].cb', () => pool.map(same, [...seventeen, { cb: local }], { chunkSize: 5 })],
      ['items[17].cb', () => pool.mapAsync(same, [...seventeen, { cb: local }], { chunkSize: 1 })],
      ['items[1][0].cb', () => pool.starmap(same, [[1], [{ cb: local }]], { chunkSize: 1 })],
    ])('%s', async (path, attempt) => {
      for (const error of await twice(attempt)) {
        expect(error).toBeInstanceOf(PicklingError);
        expect(error).toMatchObject({ path, message: expect.stringContaining(`\`${path}\` cannot be pickled`) });
      }
    });

    test('the others of the same call are answered', async () => {
      const good = pool.applyAsync(same, [1]);
      const bad = pool.applyAsync(same, [local]);
      const next = pool.applyAsync(same, [3]);
      expect(await good).toBe(1);
      await expect(bad).rejects.toBeInstanceOf(PicklingError);
      expect(await next).toBe(3);
    });
  });

  describe('a result that cannot be pickled fails its own task,', () => {
    test.each<[string, string, RegExp, () => PromiseLike<unknown>]>([
      ['a closure', 'result.deep[0].callback', /: returnFunction\(\)$/, () => pool.apply(odd.returnFunction)],
      ['what throws meanwhile', 'result', /: returnUnreadable\(\)$/, () => pool.apply(odd.returnUnreadable)],
      ['what cannot be shown', 'result.callback', /: returnUnshowable\(\)$/, () => pool.apply(odd.returnUnshowable)],
      [
        'of one item',
        'result.callback',
        /: items\[3\] of map\(returnFunctionForThree\)$/,
        () => pool.map(odd.returnFunctionForThree, [0, 1, 2, 3, 4, 5], { chunkSize: 2 }),
      ],
    ])('%s', async (_, path, place, attempt) => {
      for (const error of await twice(attempt)) {
        expect(error).toBeInstanceOf(MaybeEncodingError);
        expect(error.message).toMatch(/^The task returned .*, which cannot be sent back: `result/s);
        expect(error.cause).toBeInstanceOf(PicklingError);
        expect(error.cause).toMatchObject({ path });
        expect(error.stack).toMatch(place);
      }
    });
  });

  test('an argument that a worker cannot decode fails its own task', async () => {
    for (const error of await twice(() => pool.apply(same, [new odd.NotForWorkers()]))) {
      expect(error).toBeInstanceOf(UnpicklingError);
      expect(error.cause).toMatchObject({ message: 'not for workers' });
      expect(error.stack).toMatch(/\(pid \d+\): same\(\)$/);
    }
    await twice(() => pool.map(same, [1, new odd.NotForWorkers(), 3], { chunkSize: 1 }));
  });

  test('a result that we cannot decode fails its own task', async () => {
    for (const error of await twice(() => pool.apply(odd.returnUndecodable))) {
      expect(error).toBeInstanceOf(UnpicklingError);
      expect(error.cause).toMatchObject({ message: 'only for workers' });
      expect(error.stack).toMatch(/\(pid \d+\): returnUndecodable\(\)$/);
    }
  });

  test('an error that we cannot decode fails its own task', async () => {
    for (const error of await twice(() => pool.apply(odd.throwUndecodable))) {
      expect(error).toBeInstanceOf(UnpicklingError);
      expect(error.cause).toMatchObject({ message: 'only for workers' });
      expect(error.stack).toMatch(/\(pid \d+\): throwUndecodable\(\)$/);
    }
  });

  test('a pool and what comes from it belong to this process, and an error says so', async () => {
    const results = pool.imap(square, [1]);
    for (const [value, why] of [
      [pool, /Pool`, which belongs to the (process|thread) that made it, as in Python\. Make another one there/],
      [pool.applyAsync(square, [1]), /which belongs to the pool that runs its task/],
      [results, /which belongs to the pool that it comes from/],
    ] as const) {
      const error = await failure(pool.apply(same, [{ value }]));
      expect(error).toBeInstanceOf(PicklingError);
      expect(error).toMatchObject({ path: 'args[0].value', message: expect.stringMatching(why) });
    }
    await results.return();
    await allIsWell();
  });

  test('a function that a worker did not get with a bad argument comes again with the next task', async () => {
    const own = callable(same<unknown>);
    const results = [1, new odd.NotForWorkers(), 2, new odd.NotForWorkers(), 3].map((item) =>
      pool.applyAsync(own, [item]),
    );
    const outcomes = await Promise.allSettled(results);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    await allIsWell();
  });

  test('a getter that throws when a result is asked whether it is a promise fails its own task', async () => {
    expect((await failure(pool.apply(odd.returnThenableThatThrows))).message).toBe('from the getter');
    expect((await failure(pool.map(odd.returnThenableThatThrows, [1]))).message).toBe('from the getter');
    await allIsWell();
  });

  test('who blocks the thread has the same errors', async () => {
    expect(() => pool.applySync(failures.failOrder, [1])).toThrow(failures.OrderError);
    expect(() => pool.applySync(local)).toThrow(PicklingError);
    expect(() => pool.mapSync(odd.returnFunctionForThree, [1, 2, 3])).toThrow(MaybeEncodingError);
    expect(() => pool.applySync(odd.returnUndecodable)).toThrow(UnpicklingError);
    await allIsWell();
  });
});
