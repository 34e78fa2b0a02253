import { inspect } from 'node:util';
import { AbortError, TimeoutError } from '@mp/errors';
import { type AsyncResult, Pool, PoolStateError, ThreadPool, type WorkerPool } from '@mp/pool';
import { checkLeaks } from '@mp/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { failOrder, OrderError } from './fixtures/failures.ts';
import { holdUp } from './fixtures/gate.ts';
import {
  add,
  addAll,
  bytes,
  lengthOf,
  nothing,
  pid as pidOf,
  same,
  square,
  squareLater,
  squareThenable,
} from './fixtures/sums.ts';
import { Gate } from './gate.ts';
import { allUp, kinds, makePool } from './kinds.ts';
import { withSegments } from './leaks.ts';
import { end, running } from './running.ts';

checkLeaks(withSegments);

describe.each(kinds)('by %s', (kind) => {
  let pool: WorkerPool;
  beforeAll(async () => {
    pool = makePool(kind, { processes: 2 });
    await allUp(pool);
  });
  afterAll(() => end(pool));

  /** A task that does not end before the gate is opened. */
  async function heldUp(): Promise<{ gate: Gate; result: AsyncResult<string> }> {
    const gate = new Gate();
    const result = pool.applyAsync(holdUp, [gate.key]);
    await gate.reached;
    onTestFinished(() => gate.close());
    return { gate, result };
  }

  type Apply = <Args extends unknown[], R>(fn: (...args: Args) => R, args: Args) => Promise<unknown>;
  const forms: readonly (readonly [string, Apply])[] = [
    ['apply', async (fn, args) => pool.apply(fn as (...args: unknown[]) => unknown, args)],
    ['applySync', async (fn, args) => pool.applySync(fn as (...args: unknown[]) => unknown, args)],
    ['applyAsync', async (fn, args) => pool.applyAsync(fn, args)],
    ['applyAsync, got', async (fn, args) => pool.applyAsync(fn, args).get()],
    ['applyAsync, got synchronously', async (fn, args) => pool.applyAsync(fn, args).getSync()],
  ];

  describe.each(forms)('%s', (_, apply) => {
    test('calls a function with its arguments in a worker, and has what it returns', async () => {
      expect(await apply(add, [2, 3])).toBe(5);
      expect(await apply(addAll, [])).toBe(0);
      expect(await apply(addAll, [1, 2, 3, 4])).toBe(10);
      expect(await apply(nothing, [])).toBeUndefined();
    });

    test('waits for what a function promises', async () => {
      expect(await apply(squareLater, [7])).toBe(49);
      expect(await apply(squareThenable, [7])).toBe(49);
    });

    test('throws what the function throws', async () => {
      await expect(apply(failOrder, [3])).rejects.toBeInstanceOf(OrderError);
      expect(await apply(square, [2])).toBe(4);
    });

    test('refuses what is no function, and what is no list of arguments', async () => {
      for (const fn of [undefined, null, 'square', {}]) {
        await expect(apply(fn as never, [1])).rejects.toThrow(/fn must be a function/);
      }
      for (const args of [null, 7, {}, 'ab', new Set([1])]) {
        await expect(apply(addAll, args as never)).rejects.toThrow(/args must be an array of arguments/);
      }
    });
  });

  test('arguments may be left out where a function needs none', async () => {
    expect(await pool.apply(nothing)).toBeUndefined();
    expect(pool.applySync(nothing)).toBeUndefined();
    expect(await pool.applyAsync(addAll)).toBe(0);
  });

  test('arguments arrive as what they are, and so do results', async () => {
    const value = { map: new Map([[1, new Date(5)]]), big: 2n ** 70n, set: new Set([-0]), un: undefined };
    expect(await pool.apply(same, [value])).toStrictEqual(value);
  });

  test('arguments and results may be large', async () => {
    const own = running(kind, 1);
    const size = 20 * 1024 * 1024;
    expect(await own.apply(lengthOf, [new Uint8Array(size)])).toBe(size);
    const data = await own.apply(bytes, [size, 9]);
    expect([data.length, data[0], data[size - 1]]).toEqual([size, 9, 9]);
    expect(own.applySync(lengthOf, [new Uint8Array(size)])).toBe(size);
    const more = own.applySync(bytes, [size, 7]);
    expect([more.length, more[0], more[size - 1]]).toEqual([size, 7, 7]);
  });

  test('who blocks the thread takes nothing from those who wait in the event loop', async () => {
    for (let i = 0; i < 50; i++) {
      const later = [pool.apply(square, [i]), pool.map(square, [i, i + 1])];
      expect(pool.applySync(square, [3])).toBe(9);
      expect(pool.mapSync(square, [1, 2, 3])).toEqual([1, 4, 9]);
      // Nobody blocks any more: only the event loop is there to hear of these.
      expect(await Promise.all(later)).toEqual([i * i, [i * i, (i + 1) * (i + 1)]]);
      expect(await pool.map(square, [4, 5], { chunkSize: 1 })).toEqual([16, 25]);
    }
  });

  describe('an AsyncResult', () => {
    test('tells whether the task has ended, and how', async () => {
      const { gate, result } = await heldUp();
      expect(result.ready()).toBe(false);
      expect(() => result.successful()).toThrow(PoolStateError);
      expect(() => result.successful()).toThrow(/holdUp\(\) has not ended yet/);
      gate.open();
      expect(await result.wait()).toBe(true);
      expect([result.ready(), result.successful()]).toEqual([true, true]);
      const failing = pool.applyAsync(failOrder, [1]);
      expect(failing.waitSync()).toBe(true);
      expect([failing.ready(), failing.successful()]).toEqual([true, false]);
    });

    test('shows its task and its state', async () => {
      const { gate, result } = await heldUp();
      expect(inspect(result)).toBe('<AsyncResult holdUp() pending>');
      gate.open();
      await result;
      expect(`${result}`).toBe('<AsyncResult holdUp() succeeded>');
      const failing = pool.mapAsync(failOrder, [1]);
      await failing.wait();
      expect(inspect(failing)).toBe('<AsyncResult map(failOrder) failed: OrderError: order 1: out of nails>');
    });

    test('can be asked again after a time-out, and gives the same to everybody', async () => {
      const { gate, result } = await heldUp();
      expect(await result.wait({ timeout: 5 })).toBe(false);
      expect(result.waitSync({ timeout: 5 })).toBe(false);
      await expect(result.get({ timeout: 5 })).rejects.toBeInstanceOf(TimeoutError);
      await expect(result.get({ timeout: 0 })).rejects.toThrow(/holdUp\(\) did not end within 0 ms/);
      expect(() => result.getSync({ timeout: 5 })).toThrow(TimeoutError);
      const many = [result.get(), result.get({ timeout: 50_000 }), result.then((value) => value)];
      gate.open();
      expect(await Promise.all(many)).toEqual(['held up', 'held up', 'held up']);
      expect(await result).toBe('held up');
      expect(result.getSync({ timeout: 0 })).toBe('held up');
    });

    test('can be given up by a signal, and asked again', async () => {
      const { gate, result } = await heldUp();
      const controller = new AbortController();
      const get = result.get({ signal: controller.signal });
      const wait = result.wait({ signal: controller.signal });
      controller.abort('enough');
      await expect(get).rejects.toBeInstanceOf(AbortError);
      await expect(get).rejects.toMatchObject({ cause: 'enough' });
      await expect(wait).rejects.toBeInstanceOf(AbortError);
      await expect(result.get({ signal: controller.signal })).rejects.toBeInstanceOf(AbortError);
      gate.open();
      expect(await result.get()).toBe('held up');
    });

    test('takes a time-out below 0 as nothing to wait for, and refuses what is no number', async () => {
      const { gate, result } = await heldUp();
      expect(await result.wait({ timeout: -1 })).toBe(false);
      for (const timeout of [Number.NaN, '5']) {
        await expect(result.wait({ timeout: timeout as number })).rejects.toThrow(
          /"timeout" argument must be a number/,
        );
      }
      gate.open();
      expect(await result).toBe('held up');
    });

    test('nobody who does not ask for an error hears of it', async () => {
      pool.applyAsync(failOrder, [1]);
      pool.mapAsync(failOrder, [1, 2, 3]);
      expect(await pool.apply(square, [2])).toBe(4);
    });
  });

  describe('callbacks', () => {
    test('are called once, before whoever waits', async () => {
      const calls: unknown[] = [];
      const callback = (value: unknown): unknown => calls.push(value);
      const errorCallback = (error: unknown): unknown => calls.push((error as Error).message);
      expect(await pool.applyAsync(square, [3], { callback, errorCallback }).get()).toBe(9);
      expect(await pool.mapAsync(square, [1, 2], { callback, errorCallback, chunkSize: 1 })).toEqual([1, 4]);
      expect(await pool.starmapAsync(add, [[1, 2]], { callback, errorCallback })).toEqual([3]);
      await pool.mapAsync(square, [], { callback });
      await pool.applyAsync(failOrder, [3], { callback, errorCallback }).wait();
      await pool.mapAsync(failOrder, [8, 8], { callback, errorCallback }).wait();
      const refused = pool.applyAsync(same, [() => 1], { callback, errorCallback: () => calls.push('refused') });
      await refused.wait();
      expect(calls).toEqual([9, [1, 4], [3], [], 'order 3: out of nails', 'order 8: out of nails', 'refused']);
    });

    test('that are none are refused, and no task is begun', async () => {
      for (const options of [null, 5, 'callback', { callback: 7 }, { errorCallback: {} }] as never[]) {
        expect(() => pool.applyAsync(square, [3], options)).toThrow(/Pool: \w+ must be an? (object|function), not/);
        expect(() => pool.mapAsync(square, [3], options)).toThrow(TypeError);
        await expect(pool.map(square, [3], options)).rejects.toThrow(TypeError);
        await expect(pool.starmap(add, [[1, 2]], options)).rejects.toThrow(TypeError);
      }
      expect(await pool.apply(square, [3])).toBe(9);
    });

    test('may hand over more', async () => {
      const more = await new Promise<AsyncResult<number>>((resolve) => {
        pool.applyAsync(square, [3], { callback: (nine) => resolve(pool.applyAsync(square, [nine])) });
      });
      expect(await more).toBe(81);
    });
  });

  test('a pool tells its size, its workers and its state', async () => {
    const own = makePool(kind, { processes: 2 });
    onTestFinished(() => end(own));
    const name = kind === 'threads' ? 'ThreadPool' : 'Pool';
    expect([own.size, inspect(own)]).toEqual([2, `<${name} state=RUN size=2>`]);
    // A fork takes a turn of the event loop.
    await allUp(own);
    const pids = own.workers.map(({ pid }) => pid);
    if (kind !== 'threads') expect(new Set(pids).size).toBe(2);
    expect(await own.apply(pidOf)).toSatisfy((pid: number) => pids.includes(pid));
    for (const { name } of own.workers) expect(name).toMatch(/^Pool(?:Worker|Thread)-\d+$/);
    own.close();
    await own.join();
    expect([own.workers, inspect(own)]).toEqual([[], `<${name} state=CLOSE size=2>`]);
  });
});

test('options and numbers of workers that are none are refused', () => {
  for (const options of [null, '4', true]) {
    expect(() => new Pool(options as never)).toThrow(/Pool: options must be an object/);
  }
  for (const processes of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null] as number[]) {
    expect(() => new Pool({ processes })).toThrow(/a pool needs 1 worker or more/);
    expect(() => new ThreadPool({ processes })).toThrow(/a pool needs 1 worker or more/);
    if (typeof processes === 'number') expect(() => new Pool(processes)).toThrow(RangeError);
  }
});
