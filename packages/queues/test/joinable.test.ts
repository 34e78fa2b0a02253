import { AbortError, DeadlockError, TimeoutError } from '@mp/errors';
import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { outcome, testJoinableQueue } from './queues.ts';

checkLeaks();

test('join returns at once when nothing was put', async () => {
  const queue = testJoinableQueue();
  expect(await outcome(queue.join())).toBeUndefined();
  expect(await outcome(() => queue.joinSync())).toBeUndefined();
});

test('join waits until every task is done', async () => {
  const queue = testJoinableQueue<number>();
  for (let i = 0; i < 3; i++) await queue.put(i);
  let joined = false;
  const join = queue.join().then(() => {
    joined = true;
  });
  for (let i = 0; i < 3; i++) {
    await queue.get();
    expect(await outcome(queue.join({ timeout: 1 }))).toBeInstanceOf(TimeoutError);
    expect(joined).toBe(false);
    queue.taskDone();
  }
  await join;
  queue.joinSync();
});

test('join may be waited for by many, again and again', async () => {
  const queue = testJoinableQueue<number>();
  for (let round = 0; round < 3; round++) {
    await queue.put(round);
    const joins = Array.from({ length: 5 }, () => queue.join());
    expect(await queue.get()).toBe(round);
    queue.taskDone();
    expect(await Promise.all(joins)).toHaveLength(5);
  }
});

test('join ends with its signal and its time-out, and the tasks go on', async () => {
  const queue = testJoinableQueue<number>();
  queue.putSync(1);
  const controller = new AbortController();
  const join = outcome(queue.join({ signal: controller.signal }));
  controller.abort();
  expect(await join).toBeInstanceOf(AbortError);
  expect(() => queue.joinSync({ timeout: 1 })).toThrow(TimeoutError);
  expect(() => queue.joinSync()).toThrow(DeadlockError);
  expect(queue.getSync()).toBe(1);
  queue.taskDone();
  queue.joinSync();
});

test('taskDone is refused when there is no open task', async () => {
  const queue = testJoinableQueue<number>();
  expect(() => queue.taskDone()).toThrow(expect.objectContaining({ code: 'ERR_MP_TOO_MANY_TASKS_DONE' }));
  queue.putSync(1);
  // As in Python, whether somebody has got it does not matter.
  queue.taskDone();
  expect(() => queue.taskDone()).toThrow('too many times');
  await queue.join();
});
