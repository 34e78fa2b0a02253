// @module-tag every-node
import { type AsyncResult, WorkerLostError, type WorkerPool } from '@mp/pool';
import { checkLeaks, isRunning, isStopped, nodeChild, until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as endings from './fixtures/endings.ts';
import { holdUp } from './fixtures/gate.ts';
import { task as exiting } from './fixtures/modules/exits-when-imported.ts';
import { pid, square } from './fixtures/sums.ts';
import { Gate } from './gate.ts';
import { allThere, allUp } from './kinds.ts';
import { running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('by %s', (method) => {
  const numbers = Array.from({ length: 40 }, (_, i) => i);
  const squares = numbers.map(square);

  async function lossOf(result: PromiseLike<unknown>): Promise<WorkerLostError> {
    const error = await Promise.resolve(result).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(WorkerLostError);
    return error as WorkerLostError;
  }

  /** A task that has begun and does not end by itself. */
  async function begun(
    pool: WorkerPool,
    task: (gate: Gate['key']) => unknown = holdUp,
  ): Promise<{ gate: Gate; result: AsyncResult<unknown>; pid: number }> {
    const gate = new Gate();
    onTestFinished(() => gate.close());
    const result = pool.applyAsync(task, [gate.key]);
    return { gate, result, pid: await gate.reached };
  }

  test('a worker that ends in the middle of a task: the task is told how, the others are answered', async () => {
    const signals = { SIGKILL: -9, SIGTERM: -15, SIGSEGV: -11 } as const;
    const cases: readonly [(pool: WorkerPool) => PromiseLike<unknown>, number, string | null, string][] = [
      [(pool) => pool.apply(endings.exits, [7]), 7, null, 'exits()'],
      [(pool) => pool.apply(endings.exitsLater, [0]), 0, null, 'exitsLater()'],
      [(pool) => pool.apply(endings.aborts), -6, 'SIGABRT', 'aborts()'],
      [(pool) => pool.apply(endings.throwsElsewhere), 1, null, 'throwsElsewhere()'],
      ...(['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const).map((signal): (typeof cases)[number] => [
        (pool) => pool.map(endings.killsItself, [signal]),
        signals[signal],
        signal,
        'items[0] of map(killsItself)',
      ]),
    ];
    const pool = running(method, 2);
    for (const [attempt, exitCode, signal, task] of cases) {
      await allUp(pool);
      const before = pool.workers;
      const others = pool.map(square, numbers, { chunkSize: 1 });
      const error = await lossOf(attempt(pool));
      expect(error).toMatchObject({ exitCode, signal, task, code: 'ERR_MP_WORKER_LOST' });
      expect(before).toContainEqual({ name: error.worker, pid: error.pid });
      const how = signal === null ? `exited with code ${exitCode}` : `was killed by ${signal}`;
      expect(error.message).toBe(`${error.worker} (pid ${error.pid}) ${how} while it ran ${task}.`);
      expect(await others).toEqual(squares);
      expect(await pool.map(square, numbers, { chunkSize: 1 })).toEqual(squares);
      await allThere(pool);
      expect(pool.workers).not.toContainEqual({ name: error.worker, pid: error.pid });
    }
  });

  test('a worker that uses up its memory is lost like any other', async () => {
    const { stdout, code } = await nodeChild(new URL('./fixtures/programs/memory.ts', import.meta.url), {
      args: [method],
      execArgv: ['--max-old-space-size=60'],
      limit: 60_000,
    });
    expect(stdout).toBe('WorkerLostError SIGABRT usesUpMemory()\n9\n');
    expect(code).toBe(0);
  });

  test('what a killed worker had not begun goes to others, and only what it had begun is lost', async () => {
    const pool = running(method, 1);
    const { result, pid: victim } = await begun(pool);
    // They wait in the line of the worker.
    const waiting = numbers.map((item) => pool.applyAsync(square, [item]));
    process.kill(victim, 'SIGKILL');
    await lossOf(result);
    expect(await Promise.all(waiting)).toEqual(squares);
    expect(await pool.apply(pid)).not.toBe(victim);
  });

  test('only the chunk that it had begun is lost of a map', async () => {
    const pool = running(method, 1);
    const gate = new Gate();
    onTestFinished(() => gate.close());
    const map = pool.mapAsync(holdUp, [undefined, undefined, gate.key, undefined, undefined], { chunkSize: 2 });
    process.kill(await gate.reached, 'SIGKILL');
    expect(await lossOf(map)).toMatchObject({ signal: 'SIGKILL', task: 'items[2] to items[3] of map(holdUp)' });
  });

  test('a worker that is killed while it is idle is replaced, and nothing is lost', async () => {
    const pool = running(method, 2);
    expect(await pool.map(square, numbers)).toEqual(squares);
    const [victim] = pool.workers.map(({ pid }) => pid) as [number];
    process.kill(victim, 'SIGKILL');
    // A fork takes a turn of the event loop, so there may be one worker only for a moment.
    const isReplaced = (): boolean => pool.workers.length === 2 && !pool.workers.some(({ pid }) => pid === victim);
    await until(isReplaced, { what: 'the lost worker to be replaced' });
    expect(await pool.map(square, numbers)).toEqual(squares);
  });

  test('a worker that is killed while it starts is replaced, and nothing is lost', async () => {
    const pool = running(method, 2);
    for (const { pid } of pool.workers) process.kill(pid, 'SIGKILL');
    expect(await pool.map(square, numbers)).toEqual(squares);
    await allThere(pool);
  });

  test('all workers may be killed at once, in the middle of their tasks', async () => {
    const pool = running(method, 2);
    const tasks = [await begun(pool), await begun(pool)];
    const waiting = pool.map(square, numbers, { chunkSize: 1 });
    for (const { pid } of tasks) process.kill(pid, 'SIGKILL');
    for (const { result } of tasks) await lossOf(result);
    expect(await waiting).toEqual(squares);
  });

  /** A fork takes a turn of the event loop: who is to replace a lost worker cannot start. */
  test.skipIf(method === 'fork')('who blocks the thread is told, and others go on', async () => {
    const pool = running(method, 2);
    for (let i = 0; i < 3; i++) {
      expect(() => pool.applySync(endings.killsItself, ['SIGKILL'])).toThrow(WorkerLostError);
      expect(pool.mapSync(square, numbers)).toEqual(squares);
    }
    expect(pool.workers).toHaveLength(2);
  });

  test('tasks that end their workers one after the other break nothing', async () => {
    const pool = running(method, 2);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) => (i % 3 === 2 ? pool.apply(square, [i]) : pool.apply(endings.exits, [i]))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      Array.from({ length: 6 }, (_, i) => (i % 3 === 2 ? 'fulfilled' : 'rejected')),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') await lossOf(Promise.reject(outcome.reason));
  });

  test('a worker that is stopped holds up its own task only', async () => {
    const pool = running(method, 2);
    const { gate, result, pid: victim } = await begun(pool);
    process.kill(victim, 'SIGSTOP');
    await until(() => isStopped(victim));
    expect(await pool.map(square, numbers, { chunkSize: 1 })).toEqual(squares);
    process.kill(victim, 'SIGCONT');
    gate.open();
    expect(await result).toBe('held up');
  });

  /** A forked worker has it already. */
  test.skipIf(method === 'fork')(
    'a module at which its importer ends is lost with it, and breaks no pool that works otherwise',
    async () => {
      const pool = running(method, 1);
      for (let i = 0; i < 3; i++) {
        expect(await pool.apply(square, [i])).toBe(i * i);
        expect(await lossOf(pool.apply(exiting))).toMatchObject({ exitCode: 14 });
      }
      expect(await pool.apply(square, [5])).toBe(25);
    },
  );

  /** The others start no program. */
  test.runIf(method === 'spawn')('a pool whose workers never come up says so instead of trying for ever', async () => {
    const { stdout, stderr, code } = await nodeChild(new URL('./fixtures/programs/broken.ts', import.meta.url), {
      args: [method],
    });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual(['BrokenPoolError ERR_MP_BROKEN_POOL', 'BrokenPoolError ERR_MP_BROKEN_POOL']);
    expect(lines[2]).toMatch(/^5 workers in a row ended before they did anything; the last one exited with code \d+\./);
    expect(lines.slice(3)).toEqual(['joined']);
    expect([stderr, code]).toEqual(['', 0]);
  });

  test('a task that waits for what cannot come any more is not waited for', async () => {
    const pool = running(method, 1);
    const error = await lossOf(pool.apply(endings.waitsInVain));
    expect(error).toMatchObject({ exitCode: 1, signal: null, task: 'waitsInVain()' });
    expect((error.cause as Error).message).toMatch(/nothing is left in the child that could settle it/);
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test('things that a task leaves behind keep no worker from ending', async () => {
    const pool = running(method, 2);
    const pids = pool.workers.map(({ pid }) => pid);
    expect(await pool.map(endings.leavesThingsBehind as (item: number) => string, [1, 2, 3])).toHaveLength(3);
    pool.close();
    await pool.join();
    expect(pids.filter(isRunning)).toEqual([]);
  });
});
