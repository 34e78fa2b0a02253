import { readdirSync } from 'node:fs';
import { Queue, SimpleQueue } from '@mp/queues';
import { checkLeaks, collect, collectUntil } from '@mp/testing';
import { expect, test } from 'vitest';
import { outcome, testQueue } from './queues.ts';

// What is forgotten here and not given back is found as a leak, too.
checkLeaks();

const descriptors = (): number => readdirSync('/proc/self/fd').length;

test('queues that nobody can reach any more are closed when they are collected', async () => {
  const before = descriptors();
  (() => {
    for (let i = 0; i < 10; i++) {
      new Queue().putSync('x'.repeat(100_000));
      const queue = new SimpleQueue();
      queue.putSync(1);
      queue.getSync();
    }
  })();
  expect(descriptors()).toBeGreaterThanOrEqual(before + 60);
  await collectUntil(() => descriptors() <= before);
});

test('so is a queue inside a queue that nobody gets', async () => {
  const before = descriptors();
  (() => {
    const outer = new Queue();
    outer.putSync(new Queue());
    outer.putSync(outer);
  })();
  await collectUntil(() => descriptors() <= before);
  expect(descriptors()).toBeLessThanOrEqual(before);
});

test('a queue on which somebody waits is not collected', async () => {
  const other = testQueue<Queue<number>>();
  const got = (() => {
    const queue = new Queue<number>();
    other.putSync(queue);
    return queue.get();
  })();
  const put = outcome(
    (() => {
      const full = new Queue<number>(1);
      full.putSync(1);
      return full.put(2, { timeout: 200 });
    })(),
  );
  await collect();
  const copy = other.getSync();
  copy.putSync(5);
  copy.close();
  expect(await got).toBe(5);
  expect(await put).toMatchObject({ name: 'QueueFullError' });
});
