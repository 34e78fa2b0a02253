import { QueueShutDownError } from '@mp/queues';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { outcome, testJoinableQueue, testQueue } from './queues.ts';

checkLeaks();

describe('shutdown', () => {
  test('refuses what is put later, and lets the rest be got', async () => {
    const queue = testQueue<number>();
    for (let i = 0; i < 3; i++) queue.putSync(i);
    queue.shutdown();
    queue.shutdown();
    expect(await outcome(queue.put(3))).toBeInstanceOf(QueueShutDownError);
    expect(() => queue.putSync(3)).toThrow(QueueShutDownError);
    expect(() => queue.putNowait(3)).toThrow(QueueShutDownError);
    expect([await queue.get(), queue.getSync(), queue.getNowait()]).toEqual([0, 1, 2]);
    expect(await outcome(queue.get())).toBeInstanceOf(QueueShutDownError);
    expect(() => queue.getSync()).toThrow(QueueShutDownError);
    expect(() => queue.getNowait()).toThrow(QueueShutDownError);
  });

  test('ends all who wait to get', async () => {
    const queue = testQueue();
    const got = [queue.get(), queue.get({ timeout: 50_000 })].map(outcome);
    queue.shutdown();
    for (const error of await Promise.all(got)) expect(error).toBeInstanceOf(QueueShutDownError);
  });

  test('ends all who wait to put', async () => {
    const queue = testQueue<unknown>(1);
    queue.putSync(1);
    const put = [queue.put(2), queue.put('x'.repeat(50_000))].map(outcome);
    queue.shutdown();
    for (const error of await Promise.all(put)) expect(error).toBeInstanceOf(QueueShutDownError);
    expect(await queue.get()).toBe(1);
  });

  test('ends iterations when everything was got', async () => {
    const queue = testQueue<number>();
    const seen: number[] = [];
    const iterate = async (): Promise<void> => {
      for await (const n of queue) seen.push(n);
    };
    const iterations = [iterate(), iterate()];
    for (let i = 0; i < 100; i++) await queue.put(i);
    queue.shutdown();
    await Promise.all(iterations);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('throws everything away with immediate', async () => {
    const queue = testJoinableQueue<unknown>();
    for (const value of [1, new Date(), 'x'.repeat(100_000), new Uint8Array(200_000), testQueue()])
      queue.putSync(value);
    expect(queue.getSync()).toBe(1);
    const joined = outcome(queue.join());
    queue.shutdown({ immediate: true });
    expect(queue.qsize()).toBe(0);
    expect(() => queue.getSync()).toThrow(QueueShutDownError);
    // As in Python, what somebody has got is still to be done.
    queue.taskDone();
    expect(await joined).toBeUndefined();
    expect(() => queue.taskDone()).toThrow('too many times');
  });

  test('can be made immediate later', () => {
    const queue = testQueue<number>();
    queue.putSync(1);
    queue.shutdown();
    queue.shutdown({ immediate: true });
    expect(() => queue.getNowait()).toThrow(QueueShutDownError);
  });
});
