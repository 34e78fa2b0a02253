import { channel } from 'node:diagnostics_channel';
import { getContext } from '@mp/context';
import { BrokenPoolError, Pool, type TaskTiming, ThreadPool, type WorkerEvent, WorkerLostError } from '@mp/pool';
import { PicklingError } from '@mp/reduction';
import { checkLeaks, until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as steps from './fixtures/steps.ts';
import { add, square } from './fixtures/sums.ts';
import { allUp, kinds, makePool } from './kinds.ts';
import { leaks } from './leaks.ts';
import { end, running } from './running.ts';
import { contentOf, scratchFile } from './scratch.ts';
import { startMethods } from './start-methods.ts';

checkLeaks(leaks);

const numbers = Array.from({ length: 40 }, (_, i) => i);
const squares = numbers.map(square);

describe.each(kinds)('by %s', (kind) => {
  describe('an initializer', () => {
    test.each([steps.initialize, steps.initializeLater])(
      'is called with its arguments in each worker, and has returned before the first task (%o)',
      async (initializer) => {
        const pool = running(kind, 2, { initializer, initargs: ['a', new Map([[1, 2]])] });
        const seen = await pool.map(steps.initialized as (item: number) => unknown, numbers, { chunkSize: 1 });
        expect(seen).toEqual(numbers.map(() => ['a', new Map([[1, 2]])]));
      },
    );

    test('is called in workers that replace others, too', async () => {
      const pool = running(kind, 1, { initializer: steps.initialize, initargs: [7] });
      await expect(pool.apply(steps.exitToInitialize)).rejects.toBeInstanceOf(WorkerLostError);
      expect(await pool.apply(steps.initialized)).toEqual([7]);
    });

    test('that throws is tried a few times; then everything is rejected with its error', async () => {
      const file = scratchFile();
      const pool = running(kind, 2, { initializer: steps.failToInitialize, initargs: [file] });
      const map = pool.map(square, numbers);
      const error = (await pool.apply(square, [1]).catch((error: unknown) => error)) as Error;
      expect(error).toBeInstanceOf(BrokenPoolError);
      expect(error.message).toMatch(
        /^The initializer failed in 5 workers in a row, the last time with: RangeError: no/,
      );
      expect(error.cause).toBeInstanceOf(RangeError);
      expect((error.cause as Error).stack).toMatch(/initializer failToInitialize\(\)$/);
      await expect(map).rejects.toBe(error);
      await expect(pool.map(square, numbers)).rejects.toBe(error);
      await expect(pool.imap(square, numbers).next()).rejects.toBe(error);
      const attempts = contentOf(file).length;
      expect(attempts).toBeGreaterThanOrEqual(5);
      expect(attempts).toBeLessThanOrEqual(6);
      pool.close();
      await pool.join();
    });

    test('that throws is not tried for ever by a pool that is closed, either', async () => {
      const pool = running(kind, 1, { initializer: steps.failToInitialize, initargs: [scratchFile()] });
      const result = pool.applyAsync(square, [1]);
      pool.close();
      await pool.join();
      await expect(result).rejects.toBeInstanceOf(BrokenPoolError);
    });

    test('that ends its worker breaks the pool, too', async () => {
      const pool = running(kind, 1, { initializer: steps.exitToInitialize });
      await expect(pool.apply(square, [1])).rejects.toThrow(
        /5 workers in a row ended before they did anything.* code 5/,
      );
    });

    test('that cannot travel is an error at once, and leaves no worker', () => {
      expect(() => makePool(kind, { processes: 2, initializer: () => 1 })).toThrow(PicklingError);
      expect(() => makePool(kind, { processes: 2, initializer: square, initargs: [() => 1] })).toThrow(
        expect.objectContaining({ path: 'initargs[0]' }),
      );
    });

    test.each([
      [{ initializer: 7 }, /initializer must be a function/],
      [{ initargs: 7 }, /initargs must be an array/],
      [{ maxTasksPerChild: 0 }, /maxTasksPerChild is 0: it must be an integer of 1 or more/],
      [{ maxTasksPerChild: 1.5 }, /maxTasksPerChild is 1.5/],
      [{ disposal: 'never' }, /disposal must be 'wait' or 'terminate'/],
    ])('%o is refused', (options, message) => {
      expect(() => makePool(kind, options as never)).toThrow(message);
    });
  });

  describe('maxTasksPerChild', () => {
    test.each([1, 3])('a worker does %d tasks and is replaced', async (maxTasksPerChild) => {
      const pool = running(kind, 2, { maxTasksPerChild });
      const calls = await pool.map(steps.callsHere as (item: number) => [string, number], numbers.slice(0, 12), {
        chunkSize: 1,
      });
      for (const [, count] of calls) expect(count).toBeLessThanOrEqual(maxTasksPerChild);
      const workers = new Set(calls.map(([worker]) => worker));
      expect(workers.size).toBeGreaterThanOrEqual(12 / maxTasksPerChild);
      expect(pool.statistics().lost).toBe(0);
    });

    test('a chunk is one task, and a closed pool goes on until all is done', async () => {
      const pool = running(kind, 1, { maxTasksPerChild: 1 });
      const map = pool.map(square, numbers, { chunkSize: 10 });
      pool.close();
      expect(await map).toEqual(squares);
      await pool.join();
      expect(pool.statistics().started).toBe(4);
    });
  });

  test("disposal: 'terminate' rejects what is outstanding, 'wait' finishes it", async () => {
    const waiting = running(kind, 1, { disposal: 'wait' });
    const finished = waiting.map(square, numbers);
    await waiting[Symbol.asyncDispose]();
    expect(await finished).toEqual(squares);
    const pool = running(kind, 1, { disposal: 'terminate' });
    const lost = pool.mapAsync(steps.spin, [scratchFile()]);
    await pool[Symbol.asyncDispose]();
    await expect(lost).rejects.toMatchObject({ code: 'ERR_MP_POOL_TERMINATED' });
  });

  test('statistics count what happened, and tell what each worker has done', async () => {
    const pool = running(kind, 2);
    await allUp(pool);
    const before = pool.statistics();
    await pool.map(square, numbers, { chunkSize: 10 });
    await pool.apply(steps.failOnMultiplesOf3, [3]).catch(() => {});
    await pool.apply(steps.exitToInitialize).catch(() => {});
    await until(() => pool.workers.length === 2);
    const { completed, failed, lost, started, waiting, running: atIt, workers } = pool.statistics();
    expect({ completed: completed - before.completed, failed, lost, started, waiting, atIt }).toEqual({
      completed: 4,
      failed: 1,
      lost: 1,
      started: 3,
      waiting: 0,
      atIt: 0,
    });
    expect(workers).toHaveLength(2);
    for (const { busy, line, memory } of workers) {
      expect(busy).toBeGreaterThanOrEqual(0);
      expect(line).toBe(0);
      if (kind === 'threads') expect(memory).toBeUndefined();
      else expect(memory).toBeGreaterThan(0);
    }
  });

  test('each task and each worker can be followed through diagnostics_channel', async () => {
    const tasks: TaskTiming[] = [];
    const workers: WorkerEvent[] = [];
    const onTask = (message: unknown): unknown => tasks.push(message as TaskTiming);
    const onWorker = (message: unknown): unknown => workers.push(message as WorkerEvent);
    channel('mp.pool.task').subscribe(onTask);
    channel('mp.pool.worker').subscribe(onWorker);
    onTestFinished(() => {
      channel('mp.pool.task').unsubscribe(onTask);
      channel('mp.pool.worker').unsubscribe(onWorker);
    });
    const pool = running(kind, 1);
    await pool.apply(add, [1, 2]);
    const [{ name, pid }] = pool.workers as [{ name: string; pid: number }];
    await pool.apply(steps.failOnMultiplesOf3, [3]).catch(() => {});
    await pool.apply(steps.exitToInitialize).catch(() => {});
    pool.close();
    await pool.join();
    const duration = expect.any(Number);
    expect(tasks).toEqual([
      { task: 'add()', worker: name, pid, duration, outcome: 'completed' },
      { task: 'failOnMultiplesOf3()', worker: name, pid, duration, outcome: 'failed' },
      { task: 'exitToInitialize()', worker: name, pid, duration, outcome: 'lost' },
    ]);
    expect(workers.filter(({ worker }) => worker === name)).toEqual([
      {
        event: 'started',
        worker: name,
        pid: kind === 'fork' ? undefined : pid,
        exitCode: undefined,
        tasks: 0,
        busy: 0,
      },
      { event: 'ended', worker: name, pid, exitCode: 5, tasks: 2, busy: expect.any(Number) },
    ]);
    expect(workers.map(({ event }) => event).sort()).toEqual(['ended', 'ended', 'started', 'started']);
  });
});

test.each(startMethods)('a worker that has become too large is replaced after its task (%s)', async (method) => {
  const pool = new Pool({ processes: 1, context: getContext(method), maxMemoryPerChild: 250_000_000 });
  onTestFinished(() => end(pool));
  await allUp(pool);
  const [first] = pool.workers;
  expect(await pool.apply(steps.keep, [1_000_000])).toBe(first?.pid);
  // It is looked at from time to time.
  for (let i = 0; i < 10; i++) await pool.apply(square, [i]);
  await pool.apply(steps.keep, [300_000_000]);
  const calls = await pool.map(steps.callsHere as (item: number) => [string, number], numbers, { chunkSize: 1 });
  expect(calls.at(-1)?.[0]).not.toBe(`${first?.pid}/0`);
  expect(pool.statistics()).toMatchObject({ started: 2, lost: 0 });
});

test.each([0, -1, 1.5])('maxMemoryPerChild of %s is refused', (maxMemoryPerChild) => {
  expect(() => new Pool({ maxMemoryPerChild })).toThrow(/maxMemoryPerChild is/);
});

test('a thread that exceeds its limit of memory is lost, with the reason, and replaced', async () => {
  const pool = new ThreadPool({ processes: 1, resourceLimits: { maxOldGenerationSizeMb: 30 } });
  onTestFinished(() => end(pool));
  const error = (await pool.apply(steps.hoardNumbers).catch((error: unknown) => error)) as Error;
  expect(error).toBeInstanceOf(WorkerLostError);
  expect(error.cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
  expect(await pool.apply(square, [3])).toBe(9);
});
