import { getContext } from '@mp/context';
import { AbortError, TimeoutError } from '@mp/errors';
import type { LockProxy } from '@mp/managers';
import { Process } from '@mp/process';
import { QueueEmptyError, QueueFullError, QueueShutDownError } from '@mp/queues';
import { BrokenBarrierError, NotOwnerError, ReleaseError } from '@mp/synchronize';
import { checkLeaks } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { getForever, holdForever } from './fixtures/workers.ts';
import { outcome, started } from './managers.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

async function running(child: Process): Promise<Process> {
  onTestFinished(async () => {
    child.kill();
    await child.join();
    child.close();
  });
  await child.start();
  return child;
}

describe.each(startMethods)('by %s', (method) => {
  const context = getContext(method);

  test('a lock whose holder is killed is released, and the next one has it', async () => {
    const manager = await started(method);
    for (const make of ['Lock', 'RLock'] as const) {
      const lock = (await manager[make]()) as LockProxy;
      const queue = await manager.Queue<string>();
      const child = await running(new Process({ target: holdForever, args: [lock, queue], context }) as Process);
      expect(await queue.get()).toBe('acquired');
      expect(await lock.acquire({ timeout: 0 })).toBe(false);
      const acquired = lock.acquire();
      child.kill();
      expect(await acquired).toBe(true);
      await lock.release();
      expect(await lock.locked()).toBe(false);
    }
  });

  test('who is killed while it waits in a queue takes nothing', async () => {
    const manager = await started(method);
    const queue = await manager.Queue<string>();
    const said = await manager.Queue<string>();
    const child = await running(new Process({ target: getForever, args: [queue, said], context }) as Process);
    expect(await said.get()).toBe('waiting');
    child.kill();
    await child.join();
    // The server hears of it by the end of the connection, which comes before anything that we send from now on.
    const item = queue.get();
    await queue.put('mine');
    expect(await item).toBe('mine');
  });
});

test('a lock is had by one at a time, in turn', async () => {
  const manager = await started();
  const lock = await manager.Lock();
  const order: number[] = [];
  await lock.acquire();
  const others = [1, 2, 3].map((i) => lock.withLock(() => order.push(i)));
  expect(await lock.acquire({ timeout: 5 })).toBe(false);
  expect(lock.sync.acquire({ timeout: 5 })).toBe(false);
  await lock.release();
  await Promise.all(others);
  expect(order).toEqual([1, 2, 3]);
  expect(await outcome(lock.release())).toBeInstanceOf(ReleaseError);
  expect(lock.sync.withLock(() => 'held')).toBe('held');
});

test('waiting for a lock ends with its signal, and it is not acquired', async () => {
  const manager = await started();
  const lock = await manager.Lock();
  await lock.acquire();
  const controller = new AbortController();
  const waiting = outcome(lock.acquire({ signal: controller.signal }));
  await lock.locked();
  controller.abort('enough');
  const error = (await waiting) as AbortError;
  expect(error).toBeInstanceOf(AbortError);
  expect(error.cause).toBe('enough');
  await lock.release();
  expect(await lock.locked()).toBe(false);
  expect(await outcome(lock.withLock(() => 1, { timeout: 0 }))).toBe(1);
});

test('an RLock is acquired again by its owner, in both forms, and released as many times', async () => {
  const lock = await (await started()).RLock();
  await lock.acquire();
  expect(lock.sync.acquire()).toBe(true);
  await lock.release();
  expect(await lock.locked()).toBe(true);
  lock.sync.release();
  expect(await lock.locked()).toBe(false);
  expect(await outcome(lock.release())).toBeInstanceOf(NotOwnerError);
});

test('a semaphore has so many units, a bounded one no more than in the beginning', async () => {
  const manager = await started();
  const semaphore = await manager.Semaphore(2);
  await semaphore.acquire();
  await semaphore.acquire();
  expect(await semaphore.acquire({ timeout: 5 })).toBe(false);
  const waiting = semaphore.acquire();
  await semaphore.release();
  expect(await waiting).toBe(true);
  expect(await semaphore.getValue()).toBe(0);
  const bounded = await manager.BoundedSemaphore(1);
  expect(await outcome(bounded.release())).toBeInstanceOf(ReleaseError);
  expect(await outcome(manager.Semaphore(-1))).toBeInstanceOf(RangeError);
});

test('an event wakes all who wait', async () => {
  const event = await (await started()).Event();
  expect(await event.wait({ timeout: 5 })).toBe(false);
  const waiting = [event.wait(), event.wait()];
  await event.set();
  expect(await Promise.all(waiting)).toEqual([true, true]);
  expect(event.sync.isSet()).toBe(true);
  await event.clear();
  expect(await event.isSet()).toBe(false);
});

test('a condition is notified by who has its lock, and waitFor asks its predicate here', async () => {
  const manager = await started();
  const lock = await manager.Lock();
  const condition = await manager.Condition(lock);
  expect(await outcome(condition.notify())).toBeInstanceOf(NotOwnerError);
  let ready = false;
  const waiting = condition.withLock(() => condition.waitFor(() => ready));
  const late = condition.withLock(() => condition.wait({ timeout: 5 }));
  expect(await late).toBe(false);
  await lock.withLock(async () => {
    ready = true;
    await condition.notifyAll();
  });
  expect(await waiting).toBe(true);
  await condition.acquire();
  expect(await outcome(condition.waitFor(() => false, { timeout: 5 }))).toBeInstanceOf(TimeoutError);
  await condition.release();
  expect(await lock.locked()).toBe(false);
});

test('a barrier lets all pass at once, and is broken for all when one is late', async () => {
  const manager = await started();
  const barrier = await manager.Barrier(3);
  for (let round = 0; round < 2; round++) {
    const numbers = await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()]);
    expect(numbers.toSorted()).toEqual([0, 1, 2]);
  }
  const waiting = outcome(barrier.wait());
  expect(await outcome(barrier.wait({ timeout: 5 }))).toBeInstanceOf(BrokenBarrierError);
  expect(await waiting).toBeInstanceOf(BrokenBarrierError);
  expect(await barrier.broken()).toBe(true);
  await barrier.reset();
  expect(await barrier.broken()).toBe(false);
  expect([await barrier.parties(), await barrier.nWaiting()]).toEqual([3, 0]);
});

test('a queue has room for so many, and is served in turn', async () => {
  const queue = await (await started()).Queue<number>(2);
  await queue.put(1);
  await queue.put(2);
  expect(await queue.full()).toBe(true);
  expect(await outcome(queue.putNowait(3))).toBeInstanceOf(QueueFullError);
  expect(await outcome(queue.put(3, { timeout: 5 }))).toBeInstanceOf(QueueFullError);
  const put = queue.put(3);
  expect([await queue.get(), queue.sync.get(), await queue.get()]).toEqual([1, 2, 3]);
  await put;
  expect(() => queue.sync.get({ timeout: 5 })).toThrow(QueueEmptyError);
  expect(await outcome(queue.getNowait())).toBeInstanceOf(QueueEmptyError);
  const waiting = outcome(queue.get());
  await queue.shutdown();
  expect(await waiting).toBeInstanceOf(QueueShutDownError);
  expect(await outcome(queue.put(4))).toBeInstanceOf(QueueShutDownError);
});

test('a loop over a queue, in either form, ends when it was shut down and everything was taken', async () => {
  const queue = await (await started()).Queue<number>();
  for (let i = 0; i < 4; i++) await queue.put(i);
  const got: number[] = [];
  for await (const item of queue) {
    got.push(item);
    if (item === 1) break;
  }
  await queue.shutdown();
  for (const item of queue.sync) got.push(item);
  for await (const item of queue) got.push(item);
  expect(got).toEqual([0, 1, 2, 3]);
});

test('a joinable queue is joined when every task is done', async () => {
  const queue = await (await started()).JoinableQueue<number>();
  await queue.put(1);
  await queue.put(2);
  expect(await queue.join({ timeout: 5 })).toBe(false);
  const joined = queue.join();
  for (let i = 0; i < 2; i++) {
    await queue.get();
    await queue.taskDone();
  }
  expect(await joined).toBe(true);
  expect(await outcome(queue.taskDone())).toBeInstanceOf(RangeError);
});
