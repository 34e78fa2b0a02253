import { inspect } from 'node:util';
import { AbortError, TimeoutError } from '@mp/errors';
import { type ImapIterator, MaybeEncodingError, PoolStateError, PoolTerminatedError, type WorkerPool } from '@mp/pool';
import { PicklingError } from '@mp/reduction';
import { checkLeaks, until } from '@mp/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { holdUp } from './fixtures/gate.ts';
import * as steps from './fixtures/steps.ts';
import { same, square, squareLater } from './fixtures/sums.ts';
import { Gate } from './gate.ts';
import { allUp, kinds, makePool } from './kinds.ts';
import { end, running } from './running.ts';
import { contentOf, scratchFile } from './scratch.ts';

checkLeaks();

function* naturals(): Generator<number> {
  for (let i = 0; ; i++) yield i;
}

async function* naturalsLater(to = Number.POSITIVE_INFINITY): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) {
    await null;
    yield i;
  }
}

/** Counts what is read of an input, and whether it was closed. */
function watched(to = Number.POSITIVE_INFINITY): { items: Iterable<number>; readonly read: number; closed: boolean } {
  const seen = {
    read: 0,
    closed: false,
    items: {
      *[Symbol.iterator](): Generator<number> {
        try {
          for (; seen.read < to; ) yield seen.read++;
        } finally {
          seen.closed = true;
        }
      },
    },
  };
  return seen;
}

/** What each call of `next` came to. */
async function outcomesOf(results: ImapIterator<unknown>): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (;;) {
    try {
      const { done, value } = await results.next();
      if (done) return outcomes;
      outcomes.push(value);
    } catch (error) {
      outcomes.push((error as Error).message.split('\n')[0]);
    }
  }
}

const numbers = Array.from({ length: 100 }, (_, i) => i);
const squares = numbers.map(square);

describe.each(kinds)('by %s', (kind) => {
  let pool: WorkerPool;
  beforeAll(async () => {
    pool = makePool(kind, { processes: 2 });
    await allUp(pool);
  });
  afterAll(() => end(pool));

  describe.each([1, 7, 1000])('in chunks of %d', (chunkSize) => {
    test('imap gives the results one after the other, in the order of the items, also of async inputs', async () => {
      expect(await Array.fromAsync(pool.imap(square, numbers, { chunkSize }))).toEqual(squares);
      expect(await Array.fromAsync(pool.imap(squareLater, new Set(numbers), { chunkSize }))).toEqual(squares);
      expect(await Array.fromAsync(pool.imap(square, [], { chunkSize }))).toEqual([]);
      expect(await Array.fromAsync(pool.imap(square, naturalsLater(100), { chunkSize }))).toEqual(squares);
    });

    test('imapUnordered gives each of them once', async () => {
      const results = await Array.fromAsync(pool.imapUnordered(square, numbers, { chunkSize }));
      expect(results.sort((a, b) => a - b)).toEqual(squares);
    });

    test('who blocks the thread gets the same', () => {
      expect([...pool.imap(square, numbers, { chunkSize })]).toEqual(squares);
      expect([...pool.imapUnordered(square, numbers, { chunkSize })].sort((a, b) => a - b)).toEqual(squares);
    });

    test.each<(x: number) => unknown>([steps.failOnMultiplesOf3, steps.failOnMultiplesOf3Later])(
      'an item that fails is an error at its place, and the others have their results (%o)',
      async (fn) => {
        const expected = [1, 2, 3, 4, 5, 6, 7].map((x) => (x % 3 === 0 ? `no ${x}` : x));
        expect(await outcomesOf(pool.imap(fn, [1, 2, 3, 4, 5, 6, 7], { chunkSize }))).toEqual(expected);
        const unordered = await outcomesOf(pool.imapUnordered(fn, [1, 2, 3, 4, 5, 6, 7], { chunkSize }));
        expect(unordered.sort()).toEqual(expected.sort());
      },
    );

    test('the error says which worker and which item', async () => {
      const results = pool.imap(steps.failOnMultiplesOf3, [1, 2, 3], { chunkSize });
      await results.next();
      await results.next();
      const error = (await results.next().catch((error: unknown) => error)) as Error;
      expect(error).toBeInstanceOf(RangeError);
      expect(error.stack).toMatch(/at Pool(Worker|Thread)-\d+ \(pid \d+\): items\[2\] of imap\(failOnMultiplesOf3\)$/);
    });

    test('a result that cannot travel is an error at its place', async () => {
      const results = pool.imap(steps.functionIfEven, [1, 2, 3, 4, 5], { chunkSize });
      const outcomes = [];
      for (let i = 0; i < 5; i++) outcomes.push(await results.next().catch((error: unknown) => error));
      expect(outcomes.map((outcome) => (outcome as { value?: unknown }).value)).toEqual([
        1,
        undefined,
        3,
        undefined,
        5,
      ]);
      for (const at of [1, 3]) {
        expect(outcomes[at]).toBeInstanceOf(MaybeEncodingError);
        expect((outcomes[at] as Error).cause).toMatchObject({ path: 'result' });
      }
      expect(await results.next()).toEqual({ done: true, value: undefined });
    });

    test('an input that fails is an error after the results of what it gave before', async () => {
      function* failing(): Generator<number> {
        yield* [1, 2, 3];
        throw new RangeError('no more items');
      }
      expect(await outcomesOf(pool.imap(square, failing(), { chunkSize }))).toEqual([1, 4, 9, 'no more items']);
    });
  });

  test('an item that cannot be pickled is an error at its place', async () => {
    const results = pool.imap(same as (item: unknown) => unknown, [1, () => 1, 3]);
    expect(await results.next()).toEqual({ done: false, value: 1 });
    const error = await results.next().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(PicklingError);
    expect(error).toMatchObject({ path: 'items[1]' });
    expect(await results.next()).toEqual({ done: false, value: 3 });
  });

  describe('the input is never read further ahead than bufferSize says', () => {
    test.each([
      [1, 1],
      [7, 3],
    ])('%d items, in chunks of %d', async (bufferSize, chunkSize) => {
      const input = watched();
      const results = pool.imap(square, input.items, { bufferSize, chunkSize });
      for (let taken = 0; taken < 20; taken++) {
        expect(input.read - taken).toBeLessThanOrEqual(bufferSize);
        expect(await results.next()).toEqual({ done: false, value: taken * taken });
      }
      expect(input.closed).toBe(false);
      await results.return();
      expect(input.closed).toBe(true);
    });

    test('by default more is read ahead while tasks are short, up to 1024 chunks for each worker', async () => {
      const input = watched();
      let furthest = 0;
      let taken = 0;
      for await (const result of pool.imap(square, input.items)) {
        // This one was taken already.
        furthest = Math.max(furthest, input.read - taken - 1);
        if (result !== taken * taken) throw new Error(`${result} came in the place of ${taken * taken}`);
        if (++taken === 10_000) break;
      }
      expect(furthest).toBeGreaterThanOrEqual(64 * pool.size);
      expect(furthest).toBeLessThanOrEqual(1024 * pool.size);
      expect(input.closed).toBe(true);
    });

    test('not by default, either, and with endless async inputs', async () => {
      const taken: number[] = [];
      for await (const result of pool.imap(square, naturalsLater())) {
        taken.push(result);
        if (taken.length === 100) break;
      }
      expect(taken).toEqual(squares);
      const input = watched();
      const results = pool.imapUnordered(square, input.items);
      await until(() => input.read >= 128);
      expect(input.read).toBe(128);
      await results.return();
    });
  });

  test('leaving the loop closes the input, takes back what has not begun, and the pool goes on', async () => {
    const input = watched();
    for await (const _ of pool.imap(square, input.items)) break;
    expect(input.closed).toBe(true);
    const more = watched();
    for (const _ of pool.imap(square, more.items)) break;
    expect(more.closed).toBe(true);
    expect(await pool.map(square, numbers)).toEqual(squares);
    await until(() => pool.statistics().running === 0);
    expect(pool.statistics().waiting).toBe(0);
  });

  test('next gives up when its time is over or its signal says so, and nothing is lost by that', async () => {
    const gate = new Gate();
    onTestFinished(() => gate.close());
    const results = pool.imap(holdUp, [gate.key, undefined]);
    await gate.reached;
    await expect(results.next({ timeout: 5 })).rejects.toBeInstanceOf(TimeoutError);
    await expect(results.next({ timeout: 0 })).rejects.toThrow(/had no further result within 0 ms/);
    expect(() => results.nextSync({ timeout: 5 })).toThrow(TimeoutError);
    const controller = new AbortController();
    const aborted = results.next({ signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toBeInstanceOf(AbortError);
    const waiting = [results.next(), results.next(), results.next()];
    gate.open();
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: 'held up' },
      { done: false, value: 'passed' },
      { done: true, value: undefined },
    ]);
  });

  test('a signal ends it: what waits for a result is told once, and that is all', async () => {
    const controller = new AbortController();
    const own = running(kind, 1);
    const file = scratchFile();
    const results = own.imap(steps.spin, [file, file], { signal: controller.signal });
    await until(() => contentOf(file) === '.');
    const next = results.next();
    controller.abort('enough');
    await expect(next).rejects.toBeInstanceOf(AbortError);
    expect(await results.next()).toEqual({ done: true, value: undefined });
    expect(await own.apply(square, [3])).toBe(9);
    const late = own.imap(square, numbers, { signal: controller.signal });
    await expect(late.next()).rejects.toBeInstanceOf(AbortError);
    expect(await late.next()).toEqual({ done: true, value: undefined });
  });

  test('who blocks the thread is told that an async input brings nothing', () => {
    const results = pool.imap(square, naturalsLater());
    expect(() => results.nextSync()).toThrow(PoolStateError);
    expect(() => results.nextSync()).toThrow(/the input is asynchronous/);
    void results.return();
  });

  test('refuses what is no size of chunks or of the buffer, and what is no input', () => {
    for (const count of [0, -1, 1.5, Number.NaN, '2'] as number[]) {
      expect(() => pool.imap(square, numbers, { chunkSize: count })).toThrow(RangeError);
      expect(() => pool.imap(square, numbers, { bufferSize: count })).toThrow(/bufferSize is .*: it must be/);
    }
    for (const items of [undefined, null, 7, {}]) {
      expect(() => pool.imap(square, items as never)).toThrow(/items must be an iterable or an async iterable/);
    }
  });

  test('tells its progress, and shows how far it is', async () => {
    const told: unknown[] = [];
    const results = pool.imap(square, [1, 2, 3], { onProgress: (progress) => told.push(progress) });
    expect(inspect(results)).toMatch(/^<ImapIterator imap\(square\) 3 items read, \d unanswered>$/);
    await Array.fromAsync(results);
    expect(told).toEqual([1, 2, 3].map((done) => ({ done, total: 3 })));
    expect(inspect(results)).toBe('<ImapIterator imap(square) done>');
  });

  describe('when the pool ends', () => {
    test('a closed pool goes on with what was handed over, as far as it is taken', async () => {
      const own = running(kind, 1);
      const results = own.imap(square, numbers, { bufferSize: 3 });
      own.close();
      expect(() => own.imap(square, numbers)).toThrow(PoolStateError);
      expect(await Array.fromAsync(results)).toEqual(squares);
      await own.join();
    });

    test('join finishes it though nobody takes the results, which can be taken later', async () => {
      const own = running(kind, 1);
      const results = own.imap(square, numbers, { bufferSize: 3 });
      expect(await results.next()).toEqual({ done: false, value: 0 });
      own.close();
      await own.join();
      expect(await Array.fromAsync(results)).toEqual(squares.slice(1));
    });

    test('one that was left does not hold it', async () => {
      const own = running(kind, 1);
      for await (const _ of own.imap(square, naturals())) break;
      await own[Symbol.asyncDispose]();
      expect(own.workers).toEqual([]);
    });

    test('terminate ends it, whatever it waits for', async () => {
      const own = running(kind, 1);
      const file = scratchFile();
      const waitsForTask = own.imap(steps.spin, [file]);
      const never: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
      const waitsForInput = own.imap(square, never);
      const endless = own.imap(square, naturals());
      await until(() => contentOf(file) === '.');
      const nexts = [waitsForTask.next(), waitsForInput.next(), endless.next()];
      own.terminate();
      for (const next of await Promise.allSettled(nexts)) {
        expect(next).toMatchObject({ status: 'rejected', reason: expect.any(PoolTerminatedError) });
      }
      await own.join();
      const rest = await outcomesOf(endless);
      expect(rest.length).toBeLessThanOrEqual(65);
      expect(new Set(rest.map((outcome) => (typeof outcome === 'string' ? 'terminated' : 'result'))).size).toBe(1);
    });
  });
});
