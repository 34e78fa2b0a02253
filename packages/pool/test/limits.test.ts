import { AbortError, TimeoutError } from '@mp/errors';
import { type Progress, WorkerLostError, type WorkerPool } from '@mp/pool';
import { checkLeaks, until } from '@mp/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as steps from './fixtures/steps.ts';
import { square, whoami } from './fixtures/sums.ts';
import { allUp, kinds, makePool } from './kinds.ts';
import { end, running } from './running.ts';
import { contentOf, scratchFile } from './scratch.ts';

checkLeaks();

const numbers = Array.from({ length: 40 }, (_, i) => i);
const squares = numbers.map(square);

describe.each(kinds)('by %s', (kind) => {
  /** For tests in which no worker is lost. */
  let pool: WorkerPool;
  beforeAll(async () => {
    pool = makePool(kind, { processes: 2 });
    await allUp(pool);
  });
  afterAll(() => end(pool));

  test('a time-out stops a synchronous task that is running, and what was in line behind it has its result', async () => {
    const own = running(kind, 1);
    await allUp(own);
    const file = scratchFile();
    // The time is over when the task runs, however long a busy machine takes to come to it.
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const endless = own.applyAsync(steps.spin, [file], { timeout: 60_000 });
    const [expire] = timers.mock.calls.find(([, delay]) => delay !== undefined && delay > 50_000) ?? [];
    timers.mockRestore();
    const behind = numbers.map((x) => own.applyAsync(square, [x]));
    await until(() => contentOf(file) === '.');
    expire?.();
    await expect(endless.get()).rejects.toBeInstanceOf(TimeoutError);
    await expect(endless.get()).rejects.toThrow(/^spin\(\) had no result after 60000 ms, and was stopped/);
    expect(await Promise.all(behind)).toEqual(squares);
    expect(contentOf(file)).toBe('.');
    expect(own.statistics()).toMatchObject({ cancelled: 1, started: 2, lost: 0 });
  });

  test('a signal stops what is running, takes back what waits, and harms nobody else', async () => {
    const own = running(kind, 1);
    await allUp(own);
    const before = await own.apply(whoami);
    const [file, other] = [scratchFile(), scratchFile()];
    const [controller, waits] = [new AbortController(), new AbortController()];
    const endless = own.applyAsync(steps.spin, [file], { signal: controller.signal });
    const waiting = own.applyAsync(steps.spin, [other], { signal: waits.signal });
    const behind = numbers.map((x) => own.applyAsync(square, [x]));
    await until(() => contentOf(file) === '.');
    waits.abort();
    await expect(waiting).rejects.toBeInstanceOf(AbortError);
    // It was only taken back, and so is what has a time-out.
    await expect(own.apply(steps.spin, [other], { timeout: 5 })).rejects.toBeInstanceOf(TimeoutError);
    expect(own.statistics().started).toBe(1);
    controller.abort('enough');
    await expect(endless).rejects.toBeInstanceOf(AbortError);
    await expect(endless).rejects.toThrow('spin() was aborted by its signal.');
    expect(await Promise.all(behind)).toEqual(squares);
    expect(await own.apply(whoami)).not.toBe(before);
    expect(own.statistics()).toMatchObject({ cancelled: 3, started: 2, lost: 0 });
    expect([contentOf(file), contentOf(other)]).toEqual(['.', '']);
  });

  test('a signal ends a map: what is running is stopped, the rest is taken back', async () => {
    const own = running(kind, 2);
    await allUp(own);
    const file = scratchFile();
    const controller = new AbortController();
    const map = own.mapAsync(steps.spin, Array(50).fill(file), { signal: controller.signal, chunkSize: 1 });
    await until(() => contentOf(file) === '..');
    controller.abort();
    await expect(map).rejects.toBeInstanceOf(AbortError);
    expect(await own.map(square, numbers)).toEqual(squares);
    expect(contentOf(file)).toBe('..');
  });

  test('a limit that has passed already stops a task before it is handed over', async () => {
    const file = scratchFile();
    for (const options of [{ timeout: 0 }, { timeout: -1 }, { signal: AbortSignal.abort() }]) {
      const ErrorClass = 'signal' in options ? AbortError : TimeoutError;
      await expect(pool.apply(steps.spin, [file], options)).rejects.toBeInstanceOf(ErrorClass);
      await expect(pool.map(steps.spin, [file], options)).rejects.toBeInstanceOf(ErrorClass);
      await expect(pool.imap(steps.spin, [file], options).next()).rejects.toBeInstanceOf(ErrorClass);
    }
    expect(await pool.apply(square, [3])).toBe(9);
    expect(contentOf(file)).toBe('');
  });

  /** A fork takes a turn of the event loop: nobody comes in the place of who was stopped. */
  test.skipIf(kind === 'fork')('a time-out is kept for who blocks the thread', () => {
    const own = running(kind, 1);
    const file = scratchFile();
    expect(() => own.applySync(steps.spin, [file], { timeout: 200 })).toThrow(TimeoutError);
    expect(() => own.mapSync(steps.spin, [file], { timeout: 200 })).toThrow(TimeoutError);
    expect(own.applySync(square, [3], { timeout: 50_000 })).toBe(9);
  });

  test('a limit that does not strike changes nothing, and leaves nothing at its signal', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, timeout: 60_000 };
    const { started, cancelled } = pool.statistics();
    expect(await pool.apply(square, [3], options)).toBe(9);
    expect(await pool.map(square, numbers, options)).toEqual(squares);
    expect(await Array.fromAsync(pool.imap(square, numbers, options))).toEqual(squares);
    controller.abort();
    expect(await pool.apply(square, [4])).toBe(16);
    expect(pool.statistics()).toMatchObject({ cancelled, started });
  });

  test.each([
    [{ signal: 'no' }, /signal must be an AbortSignal/],
    [{ timeout: '5' }, /"timeout" argument must be a number/],
    [{ timeout: Number.NaN }, /"timeout" argument must be a number/],
    [{ retries: -1 }, /retries is -1: it must be an integer of 0 or more/],
    [{ retries: 1.5 }, /retries is 1.5/],
    [{ onProgress: 7 }, /onProgress must be a function/],
  ])('refuses %o', async (options, message) => {
    expect(() => pool.applyAsync(square, [1], options as never)).toThrow(message);
    expect(() => pool.mapAsync(square, [1], options as never)).toThrow(message);
    expect(() => pool.imap(square, [1], options as never)).toThrow(message);
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test('retries: a task whose worker is lost is given to another one, so often and not more', async () => {
    const own = running(kind, 1);
    const behind = own.map(square, numbers);
    expect(await own.apply(steps.crashOnce, [scratchFile()], { retries: 1 })).toBe('again');
    expect(await own.map(steps.crashOnce, [scratchFile()], { retries: 1 })).toEqual(['again']);
    expect(await Array.fromAsync(own.imap(steps.crashOnce, [scratchFile()], { retries: 1 }))).toEqual(['again']);
    expect(await behind).toEqual(squares);
    expect(own.statistics()).toMatchObject({ retried: 3, lost: 0, started: 4 });
    await expect(own.apply(steps.exitToInitialize, [], { retries: 2 })).rejects.toBeInstanceOf(WorkerLostError);
    expect(own.statistics()).toMatchObject({ retried: 5, lost: 1 });
    const [, before] = await own.apply(steps.callsHere);
    await expect(own.apply(steps.failOnMultiplesOf3, [3], { retries: 5 })).rejects.toThrow('no 3');
    // What a function throws is not repeated.
    expect((await own.apply(steps.callsHere))[1]).toBe(before + 1);
    expect(own.statistics().retried).toBe(5);
  });

  describe('failFast', () => {
    test('rejects with the first failure while others run, and takes back the rest', async () => {
      const own = running(kind, 2);
      const [file, other] = [scratchFile(), scratchFile()];
      const stop = new AbortController();
      const endless = own.applyAsync(steps.spin, [file], { signal: stop.signal });
      await until(() => contentOf(file) === '.');
      const items = [1, 2, 3, ...Array(1000).fill(1)];
      const map = own.map(steps.failOnMultiplesOf3, items, { chunkSize: 1, failFast: true });
      await expect(map).rejects.toThrow('no 3');
      expect(endless.ready()).toBe(false);
      expect(own.statistics().completed).toBeLessThan(1000);
      expect(await own.map(square, numbers)).toEqual(squares);
      stop.abort();
      await expect(endless).rejects.toBeInstanceOf(AbortError);
      // A chunk that has begun and does not end is not waited for.
      const both: ['spin' | 'fail', string][] = [
        ['spin', other],
        ['fail', other],
      ];
      await expect(own.map(steps.spinOrFail, both, { chunkSize: 1, failFast: true })).rejects.toThrow(
        'the other one spins',
      );
      expect(await own.apply(square, [3])).toBe(9);
    });

    test('has its results if nothing fails', async () => {
      expect(await pool.map(square, numbers, { failFast: true })).toEqual(squares);
    });
  });

  test('onProgress is told of each chunk, failed or not', async () => {
    const told: Progress[] = [];
    const onProgress = (progress: Progress): unknown => told.push(progress);
    await pool.map(square, numbers, { chunkSize: 15, onProgress });
    expect(told.map(({ done }) => done).at(-1)).toBe(40);
    expect(told).toHaveLength(3);
    expect(told.every(({ total }) => total === 40)).toBe(true);
    told.length = 0;
    await pool.map(steps.failOnMultiplesOf3, numbers, { chunkSize: 10, onProgress }).catch(() => {});
    expect(told.at(-1)).toEqual({ done: 40, total: 40 });
  });
});
