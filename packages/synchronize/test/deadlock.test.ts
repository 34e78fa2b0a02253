import { DeadlockError } from '@mp/errors';
import { expect, test } from 'vitest';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, Semaphore } from '../src/index.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { startPeer } from './fixtures/peers.ts';

checkMemoryLeaks();

function empty(): BoundedSemaphore {
  const semaphore = new BoundedSemaphore(1);
  semaphore.acquireSync();
  return semaphore;
}

function held(lock?: Lock): Condition {
  const condition = new Condition(lock);
  condition.acquireSync();
  return condition;
}

type Waiting = readonly [string, object, (timeout?: number) => unknown, late: unknown];

function waits(): Waiting[] {
  const [semaphore, bounded, event, condition, other] = [
    new Semaphore(0),
    empty(),
    new Event(),
    held(),
    held(new Lock()),
  ] as const;
  return [
    ['Semaphore.acquireSync', semaphore, (timeout) => semaphore.acquireSync({ timeout }), false],
    ['BoundedSemaphore.acquireSync', bounded, (timeout) => bounded.acquireSync({ timeout }), false],
    ['Event.waitSync', event, (timeout) => event.waitSync({ timeout }), false],
    ['Condition.waitSync', condition, (timeout) => condition.waitSync({ timeout }), false],
    ['Condition.waitSync', other, (timeout) => other.waitSync({ timeout }), false],
  ];
}

test.each(waits())('%s is an error when nobody else has the object, and waits when it has a time-out', (...one) => {
  const [name, , wait, late] = one;
  expect(() => wait()).toThrow(DeadlockError);
  expect(() => wait()).toThrow(name);
  expect(wait(20)).toBe(late);
  expect(() => wait()).toThrow(DeadlockError);
});

test.each(waits())('%s is an error when the last one who had it, too, is killed', async (_, object, wait) => {
  const peer = startPeer('keep', [object]);
  await peer.says('kept');
  peer.kill();
  // Dead already, or in a moment.
  expect(() => wait()).toThrow(DeadlockError);
  await peer.ended;
});

test('Barrier.waitSync is an error when nobody else has the barrier, and breaks it', () => {
  const barrier = new Barrier(2);
  expect(() => barrier.waitSync()).toThrow(DeadlockError);
  expect([barrier.broken, barrier.nWaiting]).toEqual([true, 0]);
  barrier.reset();
  expect([barrier.broken, barrier.nWaiting]).toEqual([false, 0]);
});

test('who waits for somebody slow is not told that it is in vain', async () => {
  const event = new Event();
  startPeer('setLate', [event]);
  expect(event.waitSync()).toBe(true);
});

test('after it failed, a condition still has its lock, and is good for others', async () => {
  const condition = held();
  expect(() => condition.waitSync()).toThrow(DeadlockError);
  expect(condition.notify()).toBe(0);
  condition.release();
  const waiting = condition.withLock(() => condition.wait());
  expect(await condition.withLock(() => condition.notify())).toBe(1);
  expect(await waiting).toBe(true);
});
