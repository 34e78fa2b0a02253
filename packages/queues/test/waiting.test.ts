import { AbortError, ClosedError, DeadlockError } from '@mp/errors';
import { Queue, QueueEmptyError, QueueFullError, QueueShutDownError } from '@mp/queues';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { random } from './fixtures/history.ts';
import { outcome, testJoinableQueue, testQueue } from './queues.ts';

checkLeaks();

describe('getting from an empty queue', () => {
  test.each([0, -1, Number.NEGATIVE_INFINITY])('does not wait with a time-out of %d', async (timeout) => {
    const queue = testQueue();
    expect(await outcome(queue.get({ timeout }))).toBeInstanceOf(QueueEmptyError);
    expect(() => queue.getSync({ timeout })).toThrow(QueueEmptyError);
    expect(() => queue.getNowait()).toThrow('getNowait: the queue is empty.');
  });

  test('ends with its time-out, and says after how long', async () => {
    const queue = testQueue();
    const begin = performance.now();
    expect(await outcome(queue.get({ timeout: 20 }))).toMatchObject({
      code: 'ERR_MP_QUEUE_EMPTY',
      message: expect.stringContaining('within 20 ms'),
    });
    expect(() => queue.getSync({ timeout: 20 })).toThrow(QueueEmptyError);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(38);
  });

  test('ends with its signal, whose reason is the cause', async () => {
    const queue = testQueue();
    const controller = new AbortController();
    const got = outcome(queue.get({ signal: controller.signal }));
    controller.abort('enough');
    expect(await got).toBeInstanceOf(AbortError);
    expect(await got).toMatchObject({ cause: 'enough' });
    expect(await outcome(queue.get({ signal: controller.signal }))).toBeInstanceOf(AbortError);
    // What gave up takes nothing.
    await queue.put(1);
    expect(await queue.get()).toBe(1);
  });

  test('ends when this process closes the queue', async () => {
    const queue = testQueue();
    const got = [queue.get(), queue.get({ timeout: 50_000 })].map(outcome);
    queue.close();
    for (const error of await Promise.all(got)) expect(error).toBeInstanceOf(ClosedError);
  });

  test('is refused by the blocking form if nobody else could put', () => {
    expect(() => testQueue().getSync()).toThrow(DeadlockError);
  });

  test.each([Number.NaN, 'soon', null, {}])('refuses a time-out of %s', async (timeout) => {
    const queue = testQueue();
    expect(await outcome(queue.get({ timeout: timeout as never }))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(() => queue.getSync({ timeout: timeout as never })).toThrow(TypeError);
  });

  test('gives messages to those who wait in the order in which they came', async () => {
    const queue = testQueue<number>();
    const got = Array.from({ length: 50 }, () => queue.get());
    for (let i = 0; i < 25; i++) await queue.put(i);
    for (let i = 25; i < 50; i++) queue.putSync(i);
    expect(await Promise.all(got)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  test('a blocking get lets those come first who wait in the event loop', async () => {
    const queue = testQueue<number>();
    const first = queue.get();
    queue.putSync(1);
    queue.putSync(2);
    expect(queue.getSync()).toBe(2);
    expect(await first).toBe(1);
  });

  test('holds the process up only while somebody waits', async () => {
    const queue = testQueue();
    for (let i = 0; i < 100; i++) expect(await outcome(queue.get({ timeout: 0.1 }))).toBeInstanceOf(QueueEmptyError);
    queue.putSync(1);
    expect(await queue.get()).toBe(1);
  });
});

describe('a queue with room for two', () => {
  test('is full with two', () => {
    const queue = testQueue<number>(2);
    expect([queue.maxSize, queue.full()]).toEqual([2, false]);
    queue.putSync(1);
    queue.putNowait(2);
    expect([queue.full(), queue.qsize()]).toEqual([true, 2]);
    expect(() => queue.putNowait(3)).toThrow('putNowait: the queue is full.');
    expect(() => queue.putSync(3, { timeout: 5 })).toThrow(QueueFullError);
    expect(queue.getSync()).toBe(1);
    queue.putNowait(3);
    expect([queue.getSync(), queue.getSync(), queue.empty()]).toEqual([2, 3, true]);
  });

  test.each([
    ['small', (i: number) => i],
    ['large', (i: number) => `${i} ${'x'.repeat(30_000)}`],
  ])('lets %s puts wait for room, in their order', async (_, make) => {
    const queue = testQueue<unknown>(2);
    const put = Array.from({ length: 10 }, (_, i) => queue.put(make(i)));
    expect(queue.qsize()).toBe(2);
    for (let i = 0; i < 10; i++) expect(await queue.get()).toBe(make(i));
    await Promise.all(put);
    expect(queue.empty()).toBe(true);
  });

  test('keeps what an object was when its put began to wait', async () => {
    const queue = testQueue<number[]>(1);
    queue.putSync([0]);
    const object = [1];
    const put = queue.put(object);
    object[0] = 2;
    await queue.get();
    await put;
    expect(await queue.get()).toEqual([1]);
  });

  test('puts nothing of what gave up', async () => {
    const queue = testQueue<unknown>(1);
    await queue.put(1);
    const controller = new AbortController();
    const errors = [
      outcome(queue.put('x'.repeat(100_000), { timeout: 5 })),
      outcome(queue.put(2, { timeout: 5 })),
      outcome(queue.put('x'.repeat(100_000), { signal: controller.signal })),
      outcome(queue.put('x'.repeat(100_000), { timeout: 0 })),
    ];
    controller.abort();
    const names = (await Promise.all(errors)).map((error) => (error as Error).name);
    expect(names).toEqual(['QueueFullError', 'QueueFullError', 'AbortError', 'QueueFullError']);
    expect([await queue.get(), queue.empty()]).toEqual([1, true]);
  });

  test('refuses a blocking put that nobody could ever make room for', () => {
    const queue = testQueue(1);
    queue.putSync(1);
    expect(() => queue.putSync(2)).toThrow(DeadlockError);
  });

  test('ends waiting puts when it is closed', async () => {
    const queue = testQueue<number>(1);
    const put = [queue.put(1), queue.put(2), queue.put(3)].map(outcome);
    queue.close();
    const errors = await Promise.all(put);
    expect(errors[0]).toBeUndefined();
    for (const error of errors.slice(1)) expect(error).toBeInstanceOf(ClosedError);
  });
});

test.each([
  ['nobody else has', false],
  ['others have, too,', true],
])('a blocking call on a queue that %s is not in the way of what its own thread waits for', async (_, shared) => {
  const queue = testQueue<number>(1);
  const carrier = testQueue<typeof queue>();
  if (shared) carrier.putSync(queue);
  const puts = [queue.put(1), queue.put(2), queue.put(3)];
  const late = { timeout: 50_000 };
  // The second and the third wait in this very event loop.
  expect([queue.getSync(late), queue.getNowait(), queue.getSync(late), queue.empty()]).toEqual([1, 2, 3, true]);
  await Promise.all(puts);

  const gets = [queue.get(), queue.get()];
  for (const number of [4, 5, 6]) queue.putSync(number, late);
  expect([await Promise.all(gets), queue.getNowait(), queue.empty()]).toEqual([[4, 5], 6, true]);
  if (shared) carrier.getSync().close();
});

test('who gives up in the very moment when it succeeds has put or got the whole message, or nothing', async () => {
  const queue = testQueue<number>(2);
  const chance = random(4711);
  const put = new Set<number>();
  const got: number[] = [];
  let [next, late] = [0, 0];
  /** A time-out or a signal that comes in this turn of the event loop, or the next; or much later. */
  const obstacle = (): { timeout: number; signal: AbortSignal } => {
    const controller = new AbortController();
    const kind = Math.floor(chance() * 4);
    if (kind === 0) setImmediate(() => controller.abort());
    if (kind === 1) queueMicrotask(() => controller.abort());
    return { timeout: kind === 2 ? chance() / 2 : 50_000, signal: controller.signal };
  };
  const giveUp = (error: unknown): void => {
    expect(['AbortError', 'QueueFullError', 'QueueEmptyError']).toContain((error as Error).name);
    late++;
  };
  const putter = async (): Promise<void> => {
    while (next < 2000) {
      const number = next++;
      await queue.put(number, obstacle()).then(() => put.add(number), giveUp);
    }
  };
  const getter = async (): Promise<void> => {
    for (;;) {
      try {
        got.push(await queue.get(obstacle()));
      } catch (error) {
        if (error instanceof QueueShutDownError) return;
        giveUp(error);
      }
    }
  };
  const getters = Promise.all([getter(), getter(), getter()]);
  await Promise.all([putter(), putter(), putter(), putter()]);
  queue.shutdown();
  await getters;
  expect(got.sort((a, b) => a - b)).toEqual([...put].sort((a, b) => a - b));
  expect([put.size > 100, late > 100]).toEqual([true, true]);
});

test.each([1.5, Number.NaN, '3', null, 2 ** 31, {}])('a maxSize of %s is refused', (maxSize) => {
  expect(() => new Queue(maxSize as never)).toThrow(RangeError);
});

test('a time-out that is none is refused, and nothing is put', async () => {
  const queue = testQueue<number>();
  expect(await outcome(queue.put(1, { timeout: Number.NaN }))).toBeInstanceOf(TypeError);
  expect(() => queue.putSync(1, { timeout: 'soon' as never })).toThrow(TypeError);
  expect(queue.empty()).toBe(true);
});

test.each([undefined, 0, -1, Number.POSITIVE_INFINITY])('a maxSize of %s means no bound', (maxSize) => {
  const queue = testQueue(maxSize);
  for (let i = 0; i < 1000; i++) queue.putNowait(i);
  expect([queue.maxSize, queue.full()]).toEqual([0, false]);
});

describe('a closed queue', () => {
  test('refuses everything but to be closed again', async () => {
    const queue = testJoinableQueue();
    expect(() => queue.joinThreadSync()).toThrow('the queue is not closed');
    await expect(queue.joinThread()).rejects.toMatchObject({ code: 'ERR_MP_NOT_CLOSED' });
    queue.cancelJoinThread();
    queue.close();
    queue.close();
    queue[Symbol.dispose]();
    await queue.joinThread();
    queue.joinThreadSync();
    expect(queue.closed).toBe(true);
    const calls = [
      () => queue.put(1),
      () => queue.putSync(1),
      () => queue.putNowait(1),
      () => queue.get(),
      () => queue.getSync(),
      () => queue.getNowait(),
      () => queue.qsize(),
      () => queue.empty(),
      () => queue.full(),
      () => queue.shutdown(),
      () => queue.taskDone(),
      () => queue.join(),
      () => queue.joinSync(),
    ];
    for (const call of calls) expect(await outcome(call)).toBeInstanceOf(ClosedError);
  });
});
