import { channel } from 'node:diagnostics_channel';
import { getContext } from '@mp/context';
import { BrokenPoolError, Pool, type TaskTiming, ThreadPool, type WorkerEvent, WorkerLostError } from '@mp/pool';
import { PicklingError } from '@mp/reduction';
import { checkLeaks, until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as endings from './fixtures/endings.ts';
import * as steps from './fixtures/steps.ts';
import { add, square } from './fixtures/sums.ts';
import { allUp, kinds, makePool } from './kinds.ts';
import { end, running } from './running.ts';
import { contentOf, scratchFile } from './scratch.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const numbers = Array.from({ length: 40 }, (_, i) => i);
const squares = numbers.map(square);

describe.each(kinds)('by %s', (kind) => {
  describe('an initializer', () => {
    test.each([steps.initialize, steps.initializeLater])(
      'is called in each worker before its first task, those that replace others included (%o)',
      async (initializer) => {
        const args = ['a', new Map([[1, 2]])];
        const pool = running(kind, 2, { initializer, initargs: args });
        const all = async (): Promise<unknown[]> =>
          pool.map(steps.initialized as (item: number) => unknown, numbers, { chunkSize: 1 });
        expect(await all()).toEqual(numbers.map(() => args));
        await expect(pool.apply(steps.exitToInitialize)).rejects.toBeInstanceOf(WorkerLostError);
        await until(() => pool.workers.length === 2);
        expect(await all()).toEqual(numbers.map(() => args));
      },
    );

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

    /** How its worker was started makes no difference, and these start soonest. */
    test.runIf(kind === 'fork')('that throws is not tried for ever by a pool that is closed, either', async () => {
      const pool = running(kind, 1, { initializer: steps.failToInitialize, initargs: [scratchFile()] });
      const result = pool.applyAsync(square, [1]);
      pool.close();
      await pool.join();
      await expect(result).rejects.toBeInstanceOf(BrokenPoolError);
    });

    test.runIf(kind === 'fork' || kind === 'threads')('that ends its worker breaks the pool, too', async () => {
      const pool = running(kind, 1, { initializer: steps.exitToInitialize });
      await expect(pool.apply(square, [1])).rejects.toThrow(
        /5 workers in a row ended before they did anything.* code 5/,
      );
    });

    test.runIf(kind === 'fork' || kind === 'threads')('whose end has a reason breaks the pool with it', async () => {
      const pool = running(kind, 1, { initializer: endings.throwsElsewhere });
      await expect(pool.apply(square, [1])).rejects.toMatchObject({
        message: expect.stringMatching(/^5 workers .* code 1: RangeError: from a timer$/),
        cause: expect.any(RangeError),
      });
    });

    test.runIf(kind === 'fork')('whose worker is killed breaks the pool by the name of the signal', async () => {
      const pool = running(kind, 1, { initializer: endings.killsItself, initargs: ['SIGKILL'] });
      await expect(pool.apply(square, [1])).rejects.toThrow(/^5 workers .*; the last one was killed by SIGKILL\./);
    });

    test('that cannot travel is an error at once, and leaves no worker', () => {
      expect(() => makePool(kind, { processes: 2, initializer: () => 1 })).toThrow(PicklingError);
      expect(() => makePool(kind, { processes: 2, initializer: square, initargs: [() => 1] })).toThrow(
        expect.objectContaining({ path: 'initargs[0]' }),
      );
    });

    test('and other options that are none are refused', () => {
      for (const [options, message] of [
        [{ initializer: 7 }, /initializer must be a function/],
        [{ initargs: 7 }, /initargs must be an array/],
        [{ maxTasksPerChild: 0 }, /maxTasksPerChild is 0: it must be an integer of 1 or more/],
        [{ maxTasksPerChild: 1.5 }, /maxTasksPerChild is 1.5/],
        [{ disposal: 'never' }, /disposal must be 'wait' or 'terminate'/],
      ] as const) {
        expect(() => makePool(kind, options as never)).toThrow(message);
      }
    });
  });

  test('maxTasksPerChild: a worker does so many tasks and is replaced, and a closed pool goes on until all is done', async () => {
    const pool = running(kind, 2, { maxTasksPerChild: 3 });
    const tasks = pool.map(steps.callsHere as (item: number) => [string, number], numbers.slice(0, 9), {
      chunkSize: 1,
    });
    // A chunk is one task.
    const map = pool.map(square, numbers, { chunkSize: 20 });
    pool.close();
    const calls = await tasks;
    for (const [, count] of calls) expect(count).toBeLessThanOrEqual(3);
    expect(new Set(calls.map(([worker]) => worker)).size).toBeGreaterThanOrEqual(3);
    expect(await map).toEqual(squares);
    await pool.join();
    expect(pool.statistics()).toMatchObject({ lost: 0, completed: 11 });
    // One that had no task to begin with is none more.
    expect(pool.statistics().started).toBeGreaterThanOrEqual(4);
    expect(pool.statistics().started).toBeLessThanOrEqual(5);
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
