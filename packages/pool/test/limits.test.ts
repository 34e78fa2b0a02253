import { AbortError, TimeoutError } from '@mp/errors';
import { type Progress, WorkerLostError } from '@mp/pool';
import { checkLeaks, until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import * as steps from './fixtures/steps.ts';
import { add, square, whoami } from './fixtures/sums.ts';
import { allUp, kinds } from './kinds.ts';
import { leaks } from './leaks.ts';
import { running } from './running.ts';
import { contentOf, scratchFile } from './scratch.ts';

checkLeaks(leaks);

const numbers = Array.from({ length: 40 }, (_, i) => i);
const squares = numbers.map(square);

/** Both ways of being ended, for an endless task that has begun. */
const ways = [
  ['a signal', AbortError],
  ['a time-out', TimeoutError],
] as const;

describe.each(kinds)('by %s', (kind) => {
  describe.each(ways)('%s', (way, ErrorClass) => {
    /** Options, and what makes them come true once the task has begun. */
    function limit(): { options: { signal?: AbortSignal; timeout?: number }; strike: () => void } {
      if (way === 'a time-out') return { options: { timeout: 1200 }, strike: () => {} };
      const controller = new AbortController();
      return { options: { signal: controller.signal }, strike: () => controller.abort('enough') };
    }

    test('stops a synchronous task that is running, and what was in line behind it has its result', async () => {
      const pool = running(kind, 1);
      await allUp(pool);
      const before = await pool.apply(whoami);
      const file = scratchFile();
      const { options, strike } = limit();
      const endless = pool.applyAsync(steps.spin, [file], options);
      const behind = numbers.map((x) => pool.applyAsync(square, [x]));
      await until(() => contentOf(file) === '.');
      strike();
      const error = await endless.get().catch((error: unknown) => error);
      expect(error).toBeInstanceOf(ErrorClass);
      expect((error as Error).message).toMatch(/^spin\(\) (was aborted by its signal\.|had no result after 1200 ms)/);
      expect(await Promise.all(behind)).toEqual(squares);
      expect(await pool.apply(whoami)).not.toBe(before);
      expect(pool.statistics()).toMatchObject({ cancelled: 1, started: 2, lost: 0 });
      expect(contentOf(file)).toBe('.');
    });

    test('takes back a task that waits, and no worker ever begins it', async () => {
      const pool = running(kind, 1);
      const [file, other] = [scratchFile(), scratchFile()];
      const begun = new AbortController();
      const endless = pool.applyAsync(steps.spin, [file], { signal: begun.signal });
      await until(() => contentOf(file) === '.');
      const { options, strike } = limit();
      const waiting = pool.applyAsync(steps.spin, [other], options);
      strike();
      await expect(waiting).rejects.toBeInstanceOf(ErrorClass);
      expect(pool.statistics().started).toBe(1);
      begun.abort();
      await expect(endless).rejects.toBeInstanceOf(AbortError);
      expect(await pool.apply(add, [1, 2])).toBe(3);
      expect(contentOf(other)).toBe('');
    });

    test('ends a map: what is running is stopped, the rest is taken back', async () => {
      const pool = running(kind, 2);
      await allUp(pool);
      const file = scratchFile();
      const { options, strike } = limit();
      const map = pool.mapAsync(steps.spin, Array(50).fill(file), { ...options, chunkSize: 1 });
      await until(() => contentOf(file) === '..');
      strike();
      await expect(map).rejects.toBeInstanceOf(ErrorClass);
      expect(await pool.map(square, numbers)).toEqual(squares);
      expect(contentOf(file)).toBe('..');
    });
  });

  test('a limit that has passed already stops a task before it is handed over', async () => {
    const pool = running(kind, 1);
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
    const pool = running(kind, 1);
    const file = scratchFile();
    expect(() => pool.applySync(steps.spin, [file], { timeout: 200 })).toThrow(TimeoutError);
    expect(() => pool.mapSync(steps.spin, [file], { timeout: 200 })).toThrow(TimeoutError);
    expect(pool.applySync(square, [3], { timeout: 20_000 })).toBe(9);
  });

  test('a limit that does not strike changes nothing, and leaves nothing at its signal', async () => {
    const pool = running(kind, 1);
    const controller = new AbortController();
    const options = { signal: controller.signal, timeout: 60_000 };
    expect(await pool.apply(square, [3], options)).toBe(9);
    expect(await pool.map(square, numbers, options)).toEqual(squares);
    expect(await Array.fromAsync(pool.imap(square, numbers, options))).toEqual(squares);
    controller.abort();
    expect(await pool.apply(square, [4])).toBe(16);
    expect(pool.statistics()).toMatchObject({ cancelled: 0, started: 1 });
  });

  test.each([
    [{ signal: 'no' }, /signal must be an AbortSignal/],
    [{ timeout: '5' }, /"timeout" argument must be a number/],
    [{ timeout: Number.NaN }, /"timeout" argument must be a number/],
    [{ retries: -1 }, /retries is -1: it must be an integer of 0 or more/],
    [{ retries: 1.5 }, /retries is 1.5/],
    [{ onProgress: 7 }, /onProgress must be a function/],
  ])('refuses %o', async (options, message) => {
    const pool = running(kind, 1);
    expect(() => pool.applyAsync(square, [1], options as never)).toThrow(message);
    expect(() => pool.mapAsync(square, [1], options as never)).toThrow(message);
    expect(() => pool.imap(square, [1], options as never)).toThrow(message);
    expect(await pool.apply(square, [3])).toBe(9);
  });

  describe('retries', () => {
    test('a task whose worker is lost is given to another one', async () => {
      const pool = running(kind, 1);
      const behind = pool.map(square, numbers);
      expect(await pool.apply(steps.crashOnce, [scratchFile()], { retries: 1 })).toBe('again');
      expect(await pool.map(steps.crashOnce, [scratchFile()], { retries: 1 })).toEqual(['again']);
      expect(await Array.fromAsync(pool.imap(steps.crashOnce, [scratchFile()], { retries: 1 }))).toEqual(['again']);
      expect(await behind).toEqual(squares);
      expect(pool.statistics()).toMatchObject({ retried: 3, lost: 0, started: 4 });
    });

    test('so often and not more', async () => {
      const pool = running(kind, 1);
      await expect(pool.apply(steps.exitToInitialize, [], { retries: 6 })).rejects.toBeInstanceOf(WorkerLostError);
      expect(pool.statistics()).toMatchObject({ retried: 6, lost: 1 });
      expect(await pool.apply(square, [3])).toBe(9);
    });

    test('what a function throws is not repeated', async () => {
      const pool = running(kind, 1);
      const [, before] = await pool.apply(steps.callsHere);
      await expect(pool.apply(steps.failOnMultiplesOf3, [3], { retries: 5 })).rejects.toThrow('no 3');
      expect((await pool.apply(steps.callsHere))[1]).toBe(before + 1);
      expect(pool.statistics().retried).toBe(0);
    });
  });

  describe('failFast', () => {
    test('rejects with the first failure while others run, and takes back the rest', async () => {
      const pool = running(kind, 2);
      const file = scratchFile();
      const stop = new AbortController();
      const endless = pool.applyAsync(steps.spin, [file], { signal: stop.signal });
      await until(() => contentOf(file) === '.');
      const map = pool.map(steps.failOnMultiplesOf3, [1, 2, 3, ...Array(1000).fill(1)], {
        chunkSize: 1,
        failFast: true,
      });
      await expect(map).rejects.toThrow('no 3');
      expect(endless.ready()).toBe(false);
      const { completed } = pool.statistics();
      expect(completed).toBeLessThan(1000);
      expect(await pool.map(square, numbers)).toEqual(squares);
      stop.abort();
      await expect(endless).rejects.toBeInstanceOf(AbortError);
    });

    test('has its results if nothing fails', async () => {
      expect(await running(kind, 2).map(square, numbers, { failFast: true })).toEqual(squares);
    });

    test('does not wait for a chunk that has begun and does not end', async () => {
      const pool = running(kind, 3);
      const file = scratchFile();
      const items: ['spin' | 'fail', string][] = [
        ['spin', file],
        ['fail', file],
      ];
      const map = pool.mapAsync(steps.spinOrFail, items, { chunkSize: 1, failFast: true });
      await expect(map).rejects.toThrow('the other one spins');
      expect(await pool.apply(square, [3])).toBe(9);
    });
  });

  describe('onProgress', () => {
    test('is told of each chunk, failed or not', async () => {
      const pool = running(kind, 2);
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
});
