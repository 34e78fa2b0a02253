import { setImmediate as turn } from 'node:timers/promises';
import { DeadlockError } from '@mp/errors';
import { Block } from '@mp/shared-memory/internal';
import { describe, expect, test } from 'vitest';
import { NotOwnerError, OwnerDiedError, RLock } from '../src/index.ts';
import { forms, outcome } from './fixtures/forms.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { startPeer } from './fixtures/peers.ts';

checkMemoryLeaks();

describe.each(forms)('a recursive lock, $name form:', ({ acquire }) => {
  test('its owner acquires it again, and releases as often', async () => {
    const lock = new RLock();
    expect(String(lock)).toBe('<RLock(None, 0)>');
    expect(await acquire(lock)).toBe(true);
    expect(await acquire(lock)).toBe(true);
    expect(String(lock)).toBe('<RLock(ThisProcess, 2)>');
    lock.release();
    expect(lock.locked()).toBe(true);
    lock.release();
    expect(lock.locked()).toBe(false);
    expect(() => lock.release()).toThrow(NotOwnerError);
  });

  test('another process waits, and cannot release it', async () => {
    const lock = new RLock();
    const peer = startPeer('hold', [lock]);
    await peer.says('held');
    expect(String(lock)).toBe('<RLock(SomeOtherProcess, nonzero)>');
    expect(await acquire(lock, { timeout: 10 })).toBe(false);
    expect(() => lock.release()).toThrow('not owned by the caller');
    peer.kill();
    expect(await outcome(acquire(lock))).toBeInstanceOf(OwnerDiedError);
    expect(String(lock)).toBe('<RLock(ThisProcess, 1)>');
    lock.release();
    expect(lock.locked()).toBe(false);
  });

  test('an owner token is another owner, and the same one again', async () => {
    const lock = new RLock();
    const owner = {};
    const withToken = { owner, timeout: 0 };
    expect(await acquire(lock, withToken)).toBe(true);
    expect(await acquire(lock, withToken)).toBe(true);
    expect(await acquire(lock, { timeout: 0 })).toBe(false);
    expect(await acquire(lock, { timeout: 0, owner: {} } as never)).toBe(false);
    expect(() => lock.release()).toThrow('another task of this thread');
    lock.release({ owner });
    lock.release({ owner });
    expect(await acquire(lock, { timeout: 0 })).toBe(true);
  });
});

test('two tasks with withLock exclude each other, and each may nest', async () => {
  const lock = new RLock();
  const order: string[] = [];
  const task = (name: string): Promise<void> =>
    lock.withLock(async () => {
      order.push(`${name} in`);
      await turn();
      await lock.withLock(async () => {
        await turn();
        order.push(`${name} nested`);
      });
      expect(String(lock)).toBe('<RLock(ThisProcess, 1)>');
      order.push(`${name} out`);
    });
  await Promise.all([task('a'), task('b')]);
  expect(order).toEqual(['a in', 'a nested', 'a out', 'b in', 'b nested', 'b out']);
  expect(lock.locked()).toBe(false);
});

test('tasks that outlive the withLock that they were started in exclude each other, too', async () => {
  const outer = new RLock();
  const lock = new RLock();
  let inside = 0;
  const task = (): Promise<void> =>
    lock.withLock(async () => {
      expect(++inside).toBe(1);
      await turn();
      inside--;
    });
  const tasks = await outer.withLock(() => ({ both: Promise.all([task(), task()]) }));
  await tasks.both;
});

test('within one withLock of another lock, what was acquired outside can be acquired again', async () => {
  const a = new RLock();
  const b = new RLock();
  await a.withLock(() => b.withLock(() => a.withLock(() => expect(String(a)).toBe('<RLock(ThisProcess, 2)>'))));
  a.acquireSync();
  await a.withLock(() => b.withLock(() => expect(a.acquireSync()).toBe(true)));
  a.release();
  a.release();
  expect(a.locked()).toBe(false);
});

test('acquireSync of what another task of this thread holds is a DeadlockError, and not a hang', async () => {
  const lock = new RLock();
  const inside = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const task = lock.withLock(() => {
    inside.resolve();
    return leave.promise;
  });
  await inside.promise;
  expect(() => lock.acquireSync()).toThrow(DeadlockError);
  expect(lock.acquireSync({ timeout: 0 })).toBe(false);
  const later = lock.acquire();
  leave.resolve();
  await task;
  expect(await later).toBe(true);
});

test('acquires of one owner that have to wait are let in together', async () => {
  const lock = new RLock();
  const peer = startPeer('hold', [lock]);
  await peer.says('held');
  const both = Promise.allSettled([lock.acquire(), lock.acquire()]);
  peer.kill();
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(String(lock)).toBe('<RLock(ThisProcess, 2)>');
});

test('a guard is released as its owner, wherever that happens', async () => {
  const lock = new RLock();
  const guard = await lock.withLock(() => lock.lock());
  expect(lock.locked()).toBe(true);
  guard.release();
  expect(lock.locked()).toBe(false);
  const owner = {};
  (await lock.lock({ owner })).release();
  expect(lock.locked()).toBe(false);
});

test('two processes with nested acquires count exactly', async () => {
  const lock = new RLock();
  const memory = Block.allocate(4);
  const peers = [true, false].map((sync) => startPeer('count', [lock, memory, 5000, sync]));
  for (const peer of peers) expect(await peer.ended).toMatchObject({ code: 0, stderr: '' });
  expect(memory.int32()[0]).toBe(10_000);
});
