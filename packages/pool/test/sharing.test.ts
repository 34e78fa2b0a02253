import { Pipe } from '@mp/connection';
import { AbortError, DeadlockError } from '@mp/errors';
import { checkLeaks, until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { holdUp } from './fixtures/gate.ts';
import { bytes, same, square } from './fixtures/sums.ts';
import { Gate } from './gate.ts';
import { withSegments } from './leaks.ts';
import { running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks(withSegments);

/** How many small tasks; the more of them, the surer it is that memory does not grow. */
const MANY = Number(process.env.MP_MANY_TASKS ?? 100_000);
/** How many results of a megabyte. */
const LARGE = Number(process.env.MP_MANY_LARGE ?? 200);

describe.each(startMethods)('by %s', (method) => {
  test('short tasks do not wait behind a long one', async () => {
    const pool = running(method, 2);
    const gate = new Gate();
    onTestFinished(() => gate.close());
    // Quick ones first: after these the lines of both workers are long.
    await pool.map(square, Array(500).fill(1), { chunkSize: 1 });
    const behind: Promise<number>[] = [];
    const long = pool.applyAsync(holdUp, [gate.key]);
    for (let i = 0; i < 600; i++) behind.push(pool.apply(square, [i]));
    expect(await Promise.all(behind)).toEqual(behind.map((_, i) => i * i));
    expect(long.ready()).toBe(false);
    gate.open();
    expect(await long).toBe('held up');
  });

  test('what comes before a long task is not held up by it, either', async () => {
    const pool = running(method, 1);
    const gate = new Gate();
    onTestFinished(() => gate.close());
    const before = pool.apply(square, [4]);
    const long = pool.applyAsync(holdUp, [gate.key]);
    expect(await before).toBe(16);
    await gate.reached;
    gate.open();
    await long;
  });

  test('one worker does the tasks in the order in which they came', async () => {
    const pool = running(method, 1);
    const order: number[] = [];
    const tasks = Array.from({ length: 300 }, (_, i) =>
      pool.applyAsync(square, [i], { callback: () => order.push(i) }),
    );
    await Promise.all(tasks);
    expect(order).toEqual(tasks.map((_, i) => i));
  });

  test(`${MANY} small tasks are all answered, and the memory of the parent does not grow with them`, async () => {
    const pool = running(method, 2);
    const turn = async (): Promise<number> => {
      for (let done = 0; done < MANY / 2; done += 1000) {
        const results = await Promise.all(Array.from({ length: 1000 }, (_, i) => pool.apply(square, [i])));
        expect(results[999]).toBe(998_001);
      }
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    };
    const first = await turn();
    const second = await turn();
    // Ten bytes for each task would be more than this.
    expect(second - first).toBeLessThan(Math.max(MANY * 5, 2e6));
  });

  test(`${LARGE} large results are all answered, and few are in memory at a time`, async () => {
    const pool = running(method, 2);
    const size = 1 << 20;
    let peak = 0;
    for (let done = 0; done < LARGE; done += 20) {
      const results = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.apply(bytes, [size, i])));
      for (const [i, data] of results.entries()) {
        expect(data.length).toBe(size);
        expect([data[0], data[size - 1]]).toEqual([i, i]);
      }
      globalThis.gc?.();
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    expect(peak).toBeLessThan(1e9);
  });

  test('what was handed over and what came back is not kept', async () => {
    const pool = running(method, 1);
    // In a function of its own, so that nothing here has them.
    const exchange = async (): Promise<WeakRef<object>[]> => {
      const items = [{ a: 1 }, { b: 2 }, { c: 3 }] as const;
      const results = [
        await pool.apply(same<object>, [items[0]]),
        ...(await pool.map(same<object>, [items[1]])),
        ...(await Array.fromAsync(pool.imap(same<object>, [items[2]]))),
      ];
      expect(results).toEqual(items);
      return [...items, ...results].map((object) => new WeakRef(object));
    };
    const refs = await exchange();
    await until(() => {
      globalThis.gc?.();
      return refs.every((ref) => ref.deref() === undefined);
    });
  });

  test('who waits for a connection that was in a task that was taken back is told that nobody else has it', async () => {
    const pool = running(method, 1);
    const gate = new Gate();
    onTestFinished(() => gate.close());
    const long = pool.applyAsync(holdUp, [gate.key]);
    await gate.reached;
    const [ours, theirs] = Pipe();
    onTestFinished(() => [ours, theirs].forEach((end) => void end.close()));
    const controller = new AbortController();
    const cancelled = pool.apply(same<unknown>, [theirs], { signal: controller.signal });
    controller.abort();
    await expect(cancelled).rejects.toThrow(AbortError);
    expect(() => ours.recvSync()).toThrow(DeadlockError);
    gate.open();
    expect(await long).toBe('held up');
  });

  test('large arguments wait until a worker has room for them', async () => {
    const pool = running(method, 2);
    const data = Array.from({ length: 60 }, (_, i) => new Uint8Array(1 << 20).fill(i));
    const results = await pool.map(same<Uint8Array>, data, { chunkSize: 1 });
    expect(results.map((result, i) => result.length === 1 << 20 && result[7] === i)).not.toContain(false);
  });
});
