import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getContext } from '@mp/context';
import { TimeoutError } from '@mp/errors';
import { within } from '@mp/managers';
import { PoolStateError, PoolTerminatedError, WorkerLostError } from '@mp/pool';
import { Process } from '@mp/process';
import { checkLeaks, isRunning, until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { add, die, pid, refuse, spin, square, usePool } from './fixtures/tasks.ts';
import { outcome, started } from './managers.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

describe.each(startMethods)('by %s', (method) => {
  test('a managed pool works for every process that has a proxy of it', async () => {
    const manager = await started(method);
    const pool = await manager.Pool(2);
    expect([await pool.size(), pool.sync.size()]).toEqual([2, 2]);
    expect([await pool.apply(add, [4, 5]), pool.sync.apply(add, [1, 2])]).toEqual([9, 3]);
    expect([await pool.map(square, [1, 2, 3]), pool.sync.map(square, [4])]).toEqual([[1, 4, 9], [16]]);
    expect(await pool.starmap(add, [[1, 2] as [number, number], [3, 4]])).toEqual([3, 7]);
    const seen: number[] = [];
    for await (const each of await pool.imap(square, [3, 2, 1])) seen.push(each);
    for await (const each of await pool.imapUnordered(square, [5])) seen.push(each);
    expect(seen).toEqual([9, 4, 1, 25]);

    const results = await manager.Queue<number>();
    const child = new Process({ target: usePool, args: [pool, results], context: getContext(method) });
    await child.start();
    expect(await results.get()).toBe(42);
    await child.join();
    expect(child.exitCode).toBe(0);
    child.close();

    const worker = await pool.apply(pid);
    await manager.shutdown();
    await until(() => !isRunning(worker), { what: 'the worker to end with the server' });
  });
});

test('results of a managed pool can be asked for later, and say what became of the task', async () => {
  const manager = await started();
  const pool = await manager.Pool(1);
  const result = await pool.applyAsync(square, [20]);
  expect(await result.get({ timeout: 60_000 })).toBe(400);
  expect([await result.ready(), await result.successful(), await result.wait()]).toEqual([true, true, true]);
  const several = [await pool.mapAsync(square, [2, 3]), await pool.starmapAsync(add, [[1, 1] as [number, number]])];
  expect(await Promise.all(several.map((each) => each.get()))).toEqual([[4, 9], [2]]);

  const lost = await pool.applyAsync(die);
  expect(await outcome(lost.get())).toBeInstanceOf(WorkerLostError);
  expect([await lost.successful(), await outcome(pool.apply(die))]).toEqual([false, expect.any(WorkerLostError)]);
  expect(() => pool.sync.apply(refuse, [2])).toThrow(new RangeError('not two'));
  const iterator = await pool.imap(refuse, [1, 2, 3]);
  expect([await iterator.next(), await outcome(iterator.next()), await iterator.next()]).toEqual([
    { done: false, value: 1 },
    new RangeError('not two'),
    { done: false, value: 3 },
  ]);

  expect(await outcome(pool.join())).toBeInstanceOf(PoolStateError);
  await pool[Symbol.asyncDispose]();
  expect(await outcome(pool.apply(square, [1]))).toMatchObject({ message: expect.stringContaining('was released') });
});

test('who gives up waiting for a managed pool takes the task back, and a result can be given up and asked for again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const manager = await started();
  const pool = await manager.Pool(1);
  const file = join(folder, 'first');
  const controller = new AbortController();
  const given = outcome(within(pool, { signal: controller.signal }).apply(spin, [file]));
  await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '', { what: 'the task to begin' });
  controller.abort();
  expect(await given).toMatchObject({ name: 'AbortError' });
  await until(() => !isRunning(Number(readFileSync(file, 'utf8'))), { what: 'its worker to be replaced' });
  expect(await pool.apply(square, [3])).toBe(9);

  const result = await pool.applyAsync(spin, [join(folder, 'second')]);
  expect(await outcome(result.get({ timeout: 1 }))).toBeInstanceOf(TimeoutError);
  expect([await result.wait({ timeout: 1 }), await result.ready()]).toEqual([false, false]);
  await pool.terminate();
  expect(await outcome(result.get())).toBeInstanceOf(PoolTerminatedError);
  await pool.join();
});
