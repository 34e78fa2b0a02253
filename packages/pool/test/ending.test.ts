import { channel } from 'node:diagnostics_channel';
import { AbortError, TimeoutError } from '@mp/errors';
import { type AsyncResult, PoolStateError, PoolTerminatedError, type WorkerEvent, type WorkerPool } from '@mp/pool';
import { checkLeaks, isRunning, until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as endings from './fixtures/endings.ts';
import { holdUp } from './fixtures/gate.ts';
import { add, square } from './fixtures/sums.ts';
import { Gate } from './gate.ts';
import { kinds, makePool } from './kinds.ts';
import { running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

test.each(kinds)('a pool that nobody has any more ends its workers, with a warning (%s)', async (kind) => {
  const warnings: string[] = [];
  const onWarning = ({ name, message }: Error): unknown => warnings.push(`${name}: ${message}`);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const ended: unknown[] = [];
  const onWorker = (message: unknown): unknown => (message as WorkerEvent).event === 'ended' && ended.push(message);
  channel('mp.pool.worker').subscribe(onWorker);
  onTestFinished(() => void channel('mp.pool.worker').unsubscribe(onWorker));
  // In a function of its own, so that nothing here has it.
  const use = async (): Promise<number[]> => makePool(kind, { processes: 1 }).map(square, [1, 2]);
  expect(await use()).toEqual([1, 4]);
  await until(() => {
    globalThis.gc?.();
    return ended.length === 1;
  });
  expect(ended).toMatchObject([{ exitCode: 0 }]);
  expect(warnings).toEqual([expect.stringMatching(/^ResourceWarning: A pool was never closed, and nobody has it/)]);
});

describe.each(startMethods)('by %s', (method) => {
  async function begun(
    pool: WorkerPool,
    task: (gate: Gate['key']) => unknown = holdUp,
  ): Promise<{ gate: Gate; result: AsyncResult<unknown> }> {
    const gate = new Gate();
    onTestFinished(() => gate.close());
    const result = pool.applyAsync(task, [gate.key]);
    await gate.reached;
    return { gate, result };
  }

  const refusesEverything = async (pool: WorkerPool): Promise<void> => {
    await expect(pool.apply(square, [1])).rejects.toBeInstanceOf(PoolStateError);
    await expect(pool.map(square, [1])).rejects.toThrow(/not running any more/);
    await expect(pool.starmap(add, [[1, 2]])).rejects.toBeInstanceOf(PoolStateError);
    expect(() => pool.applyAsync(square, [1])).toThrow(PoolStateError);
    expect(() => pool.mapAsync(square, [1])).toThrow(PoolStateError);
    expect(() => pool.starmapAsync(add, [[1, 2]])).toThrow(PoolStateError);
    expect(() => pool.applySync(square, [1])).toThrow(PoolStateError);
    expect(() => pool.mapSync(square, [1])).toThrow(PoolStateError);
  };

  test('a closed pool takes nothing more, finishes what it has, and ends its workers', async () => {
    const pool = running(method, 2);
    const pids = pool.workers.map(({ pid }) => pid);
    const { gate, result } = await begun(pool);
    const waiting = pool.map(square, [1, 2, 3, 4], { chunkSize: 1 });
    pool.close();
    pool.close();
    await refusesEverything(pool);
    expect(await waiting).toEqual([1, 4, 9, 16]);
    gate.open();
    await pool.join();
    expect(await result).toBe('held up');
    expect(pids.filter(isRunning)).toEqual([]);
    await pool.join();
  });

  test('join before close or terminate is an error that says so', async () => {
    const pool = running(method, 1);
    await expect(pool.join()).rejects.toBeInstanceOf(PoolStateError);
    await expect(pool.join()).rejects.toThrow(/close\(\) or terminate\(\) it first/);
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test('join can be ended by its time-out and by its signal, and be called again', async () => {
    const pool = running(method, 1);
    const { gate, result } = await begun(pool);
    pool.close();
    await expect(pool.join({ timeout: 5 })).rejects.toBeInstanceOf(TimeoutError);
    const controller = new AbortController();
    const aborted = pool.join({ signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toBeInstanceOf(AbortError);
    const joins = [pool.join(), pool.join()];
    gate.open();
    await Promise.all(joins);
    expect(result.ready()).toBe(true);
  });

  test.each([
    ['waits', endings.neverEnds],
    ['never lets go of its thread', endings.spins],
    ['heeds no polite signal', endings.isStubborn],
  ])('terminate rejects what is outstanding and ends a worker that %s', async (_, task) => {
    const pool = running(method, 1);
    const pids = pool.workers.map(({ pid }) => pid);
    const { result } = await begun(pool, task as (gate: Gate['key']) => unknown);
    const map = pool.mapAsync(square, [1, 2, 3], { chunkSize: 2 });
    const more = pool.applyAsync(square, [1]);
    pool.terminate();
    expect([result.ready(), map.ready(), more.ready()]).toEqual([true, true, true]);
    await expect(result).rejects.toBeInstanceOf(PoolTerminatedError);
    await expect(map).rejects.toThrow(
      'The pool was terminated before items[0] to items[1] of map(square) had a result.',
    );
    await expect(more).rejects.toMatchObject({ code: 'ERR_MP_POOL_TERMINATED' });
    await refusesEverything(pool);
    pool.terminate();
    await pool.join();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(pool.workers).toEqual([]);
  });

  test('a pool can be terminated before its workers are up, after close, and after its end', async () => {
    const early = running(method, 2);
    early.terminate();
    await early.join();
    const late = running(method, 1);
    const { result } = await begun(late);
    late.close();
    late.terminate();
    await late.join();
    await expect(result).rejects.toBeInstanceOf(PoolTerminatedError);
    late.terminate();
    late.close();
    await late.join();
  });

  test('a pool that is disposed of finishes what it has, and ends its workers', async () => {
    const pool = running(method, 2);
    const pids = pool.workers.map(({ pid }) => pid);
    const result = pool.map(square, [1, 2, 3, 4, 5], { chunkSize: 1 });
    await pool[Symbol.asyncDispose]();
    expect(await result).toEqual([1, 4, 9, 16, 25]);
    expect(pids.filter(isRunning)).toEqual([]);
    await pool[Symbol.asyncDispose]();
  });

  test('a worker that is killed after close, with work in its line, is replaced until all is done', async () => {
    const pool = running(method, 1);
    const { gate, result } = await begun(pool);
    const waiting = pool.map(square, [1, 2, 3], { chunkSize: 1 });
    pool.close();
    process.kill(await gate.reached, 'SIGKILL');
    await expect(result).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(await waiting).toEqual([1, 4, 9]);
    await pool.join();
  });

  test('only the process that made a pool can use it: a forked child has the object, but not the workers', async () => {
    const pool = running(method, 1);
    const { pid } = process;
    Object.defineProperty(process, 'pid', { value: pid + 1, configurable: true });
    try {
      expect(() => pool.applyAsync(square, [1])).toThrow(/can only be used by the process that made it/);
      for (const end of [() => pool.close(), () => pool.terminate()]) expect(end).toThrow(PoolStateError);
      await expect(pool.join()).rejects.toBeInstanceOf(PoolStateError);
    } finally {
      Object.defineProperty(process, 'pid', { value: pid, configurable: true });
    }
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test('several pools work side by side', async () => {
    const pools = [running(method, 1), running(method, 1), running(method, 1)];
    const all = await Promise.all(pools.map((pool, i) => pool.map(square, [i, i + 1, i + 2], { chunkSize: 1 })));
    expect(all).toEqual([0, 1, 2].map((i) => [i, i + 1, i + 2].map(square)));
  });
});
