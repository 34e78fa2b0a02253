import { AbortError, DeadlockError, TimeoutError } from '@mp/errors';
import { Block } from '@mp/shared-memory/internal';
import { nodeChild } from '@mp/testing';
import { canHaveOwnNumbers } from '@mp/testing/isolation';
import { describe, expect, test } from 'vitest';
import { Lock, OwnerDiedError, ReleaseError } from '../src/index.ts';
import { forms, outcome } from './fixtures/forms.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { startPeer } from './fixtures/peers.ts';

checkMemoryLeaks();

describe.each(forms)('a lock, $name form:', ({ acquire }) => {
  test('who acquires a free lock gets it, and then it is locked', async () => {
    const lock = new Lock();
    expect(lock.locked()).toBe(false);
    expect(await acquire(lock)).toBe(true);
    expect(lock.locked()).toBe(true);
    lock.release();
    expect(lock.locked()).toBe(false);
  });

  test('it is not recursive: a second acquire is late', async () => {
    const lock = new Lock();
    await acquire(lock);
    for (const timeout of [-1, 0, 5]) expect(await acquire(lock, { timeout })).toBe(false);
    lock.release();
    expect(await acquire(lock, { timeout: 0 })).toBe(true);
  });

  test('it waits for another process', async () => {
    const lock = new Lock();
    const peer = startPeer('hold', [lock]);
    await peer.says('held');
    expect(await acquire(lock, { timeout: 10 })).toBe(false);
    startPeer('release', [lock]);
    expect(await acquire(lock)).toBe(true);
  });

  test('a killed holder is an OwnerDiedError, once, and the lock is held', async () => {
    const lock = new Lock();
    const peer = startPeer('hold', [lock]);
    await peer.says('held');
    peer.kill();
    const error = await outcome(acquire(lock));
    expect(error).toBeInstanceOf(OwnerDiedError);
    expect(error).toMatchObject({ code: 'ERR_MP_OWNER_DIED', pid: peer.pid });
    expect(lock.locked()).toBe(true);
    expect(await acquire(lock, { timeout: 0 })).toBe(false);
    lock.release();
    expect(await acquire(lock)).toBe(true);
  });

  test('a holder that has ended is noticed also by who does not want to wait', async () => {
    const lock = new Lock();
    await startPeer('holdAndEnd', [lock]).ended;
    expect(await outcome(acquire(lock, { timeout: 0 }))).toBeInstanceOf(OwnerDiedError);
  });

  test("with { ownerDied: 'acquire' } the next one just gets it", async () => {
    const lock = new Lock({ ownerDied: 'acquire' });
    await startPeer('holdAndEnd', [lock]).ended;
    expect(await acquire(lock)).toBe(true);
    lock.release();
    expect(lock.locked()).toBe(false);
  });
});

test.each(['acquire', 'acquireSync'] as const)('a process that waits with %s is woken', async (form) => {
  const lock = new Lock();
  lock.acquireSync();
  const peer = startPeer(form, [lock]);
  await peer.says('waiting');
  lock.release();
  await peer.says('true');
  expect(lock.locked()).toBe(true);
});

test.each(['acquire', 'acquireSync'] as const)('a process that waits with %s is told of the death', async (form) => {
  const lock = new Lock();
  const holder = startPeer('hold', [lock]);
  await holder.says('held');
  const peer = startPeer(form, [lock]);
  await peer.says('waiting');
  holder.kill();
  await peer.says('ERR_MP_OWNER_DIED');
  expect(lock.locked()).toBe(true);
});

test('only what was acquired can be released', () => {
  const lock = new Lock();
  expect(() => lock.release()).toThrow(ReleaseError);
  lock.acquireSync();
  lock.release();
  expect(() => lock.release()).toThrow('released too many times');
});

test('many promises wait at once, and get it in turn', async () => {
  const lock = new Lock();
  await lock.acquire();
  const order: number[] = [];
  const all = Array.from({ length: 10_000 }, async (_, i) => {
    await lock.acquire();
    order.push(i);
    lock.release();
  });
  lock.release();
  await Promise.all(all);
  expect(order).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
});

test('a signal ends the wait, and loses nothing', async () => {
  const lock = new Lock();
  await lock.acquire();
  const controller = new AbortController();
  const reason = new Error('enough');
  const aborted = outcome(lock.acquire({ signal: controller.signal }));
  const patient = lock.acquire();
  controller.abort(reason);
  expect(await aborted).toBeInstanceOf(AbortError);
  expect(await aborted).toMatchObject({ cause: reason });
  lock.release();
  expect(await patient).toBe(true);
  expect(await outcome(lock.acquire({ signal: controller.signal }))).toBeInstanceOf(AbortError);
  lock.release();
  expect(await outcome(lock.acquire({ signal: controller.signal }))).toBeInstanceOf(AbortError);
  expect(lock.locked()).toBe(false);
});

test.each([undefined, {}, { timeout: Number.POSITIVE_INFINITY }])(
  'acquireSync(%o) of a lock that this thread holds is a DeadlockError, and not a hang',
  (options) => {
    const lock = new Lock();
    lock.acquireSync();
    expect(() => lock.acquireSync(options)).toThrow(DeadlockError);
    expect(lock.locked()).toBe(true);
  },
);

test.runIf(canHaveOwnNumbers())(
  'a process that was given the number of a dead holder is not taken for it',
  async () => {
    expect(await nodeChild(new URL('./fixtures/reused-number.ts', import.meta.url))).toMatchObject({
      stdout: 'OwnerDiedError, of the dead one: true, the other one lives: true, locked: true\n',
      stderr: '',
      code: 0,
    });
  },
);

describe('withLock', () => {
  test('holds the lock while the function runs, and returns what it returns', async () => {
    const lock = new Lock();
    expect(await lock.withLock(async () => lock.locked())).toBe(true);
    expect(lock.locked()).toBe(false);
    expect(lock.withLockSync(() => lock.locked())).toBe(true);
    expect(lock.locked()).toBe(false);
  });

  test('gives it back when the function throws', async () => {
    const lock = new Lock();
    const error = new Error('mine');
    expect(await outcome(lock.withLock(() => Promise.reject(error)))).toBe(error);
    const fail = (): never => {
      throw error;
    };
    expect(() => lock.withLockSync(fail)).toThrow(error);
    expect(lock.locked()).toBe(false);
  });

  test('does not call the function when it is late', async () => {
    const lock = new Lock();
    lock.acquireSync();
    let called = 0;
    const error = await outcome(lock.withLock(() => called++, { timeout: 1 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeout: 1 });
    expect(() => lock.withLockSync(() => called++, { timeout: 1 })).toThrow(TimeoutError);
    expect(called).toBe(0);
  });

  test('does not call the function when the holder died, and gives the lock back', async () => {
    const lock = new Lock();
    let called = 0;
    await startPeer('holdAndEnd', [lock]).ended;
    expect(await outcome(lock.withLock(() => called++))).toBeInstanceOf(OwnerDiedError);
    expect(lock.locked()).toBe(false);
    await startPeer('holdAndEnd', [lock]).ended;
    expect(() => lock.lockSync()).toThrow(OwnerDiedError);
    expect(lock.locked()).toBe(false);
    expect(called).toBe(0);
  });

  test('the Sync form refuses a function that returns a promise', () => {
    const lock = new Lock();
    expect(() => lock.withLockSync(async () => 1)).toThrow(TypeError);
    expect(lock.locked()).toBe(false);
  });
});

test('a guard gives the lock back once', async () => {
  const lock = new Lock();
  const guard = await lock.lock();
  expect(lock.locked()).toBe(true);
  guard.release();
  const next = lock.lockSync();
  guard.release();
  guard[Symbol.dispose]();
  expect(lock.locked()).toBe(true);
  next[Symbol.dispose]();
  expect(lock.locked()).toBe(false);
  await (await lock.lock())[Symbol.asyncDispose]();
  expect(lock.locked()).toBe(false);
});

test('it shows who holds it', async () => {
  const lock = new Lock();
  expect(String(lock)).toBe('<Lock(owner=None)>');
  lock.acquireSync();
  expect(String(lock)).toBe('<Lock(owner=ThisProcess)>');
  await startPeer('show', [lock]).says('<Lock(owner=SomeOtherProcess)>');
});

test('wrong arguments are refused, and nothing is held', async () => {
  const lock = new Lock();
  expect(() => new Lock({ ownerDied: 'ignore' as never })).toThrow(TypeError);
  expect(await outcome(lock.acquire({ timeout: Number.NaN }))).toBeInstanceOf(TypeError);
  expect(() => lock.acquireSync({ timeout: 'soon' as never })).toThrow(TypeError);
  for (const options of [5, false, null, 'soon']) {
    expect(await outcome(lock.acquire(options as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(() => lock.acquireSync(options as never)).toThrow('{ timeout: 1000 }');
  }
  expect(lock.locked()).toBe(false);
});

test.each([
  ['two blocking processes', [true, true]],
  ['two that use promises', [false, false]],
  ['one of each', [true, false]],
] as const)('a counter under the lock is exact: %s', async (_, forms) => {
  const lock = new Lock();
  const memory = Block.allocate(4);
  const rounds = 20_000;
  const peers = forms.map((sync) => startPeer('count', [lock, memory, rounds, sync]));
  for (const peer of peers) expect(await peer.ended).toMatchObject({ code: 0, stderr: '' });
  expect(memory.int32()[0]).toBe(2 * rounds);
});
