import { setImmediate as turn } from 'node:timers/promises';
import { AbortError } from '@mp/errors';
import { until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { Condition, Event, Lock, NotOwnerError, OwnerDiedError, RLock } from '../src/index.ts';
import { forms, outcome } from './fixtures/forms.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { startPeer } from './fixtures/peers.ts';

checkMemoryLeaks();

const waiters = (condition: Condition): number => Number(/(\d+)\)>$/.exec(String(condition))?.[1]);

/** Tasks of this process that wait for the condition; each tells when it was notified. */
function startTasks(condition: Condition, count: number, done: (i: number, value: boolean) => void): Promise<void>[] {
  return Array.from({ length: count }, (_, i) => condition.withLock(async () => done(i, await condition.wait())));
}

describe.each(forms)('a condition, $name form:', ({ acquire, wait }) => {
  test('only who has the lock may wait and notify', async () => {
    for (const condition of [new Condition(), new Condition(new Lock())]) {
      expect(await outcome(wait(condition))).toBeInstanceOf(NotOwnerError);
      expect(() => condition.notify()).toThrow(NotOwnerError);
      expect(() => condition.notifyAll()).toThrow('does not have the lock');
      expect(() => condition.waitForSync(() => true)).toThrow(NotOwnerError);
      expect(await outcome(condition.waitFor(() => true))).toBeInstanceOf(NotOwnerError);
    }
  });

  test('a wait that is late returns false, and has the lock again, as often as before', async () => {
    const lock = new RLock();
    const condition = new Condition(lock);
    await acquire(condition);
    await acquire(condition);
    for (const timeout of [-1, 0, 5]) expect(await wait(condition, { timeout })).toBe(false);
    expect(String(condition)).toBe('<Condition(<RLock(ThisProcess, 2)>, 0)>');
    expect(condition.notify()).toBe(0);
    condition.release();
    condition.release();
    expect(lock.locked()).toBe(false);
  });

  test('a notification from another process ends the wait', async () => {
    const condition = new Condition();
    const peer = startPeer('notifyWhenWaiting', [condition]);
    await peer.says('ready');
    await acquire(condition);
    expect(await wait(condition)).toBe(true);
    condition.release();
  });

  test('a holder that was killed is told to who comes back from waiting, who has the lock', async () => {
    const condition = new Condition();
    const held = new Event();
    const peer = startPeer('notifyAndHold', [condition, held]);
    await peer.says('ready');
    await acquire(condition);
    const killer = startPeer('killWhenHeld', [held, peer.pid]);
    expect(await outcome(wait(condition))).toBeInstanceOf(OwnerDiedError);
    condition.release();
    await killer.ended;
  });
});

test('tasks of one process are notified in turn, so many as asked for', async () => {
  const condition = new Condition();
  const order: number[] = [];
  const tasks = startTasks(condition, 1000, (i, value) => value && order.push(i));
  await condition.withLock(() => expect(condition.notify(3)).toBe(3));
  await Promise.all(tasks.slice(0, 3));
  expect(order).toEqual([0, 1, 2]);
  await condition.withLock(() => expect(condition.notifyAll()).toBe(997));
  await Promise.all(tasks);
  expect(order).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  await condition.withLock(() => expect(condition.notifyAll()).toBe(0));
});

test.each(['waitForEver', 'waitSync'] as const)('processes (%s) are notified, and only so many', async (scenario) => {
  const condition = new Condition();
  const peers = [1, 2, 3].map(() => startPeer(scenario, [condition]));
  await until(() => waiters(condition) === 3, { limit: 60_000 });
  await condition.withLock(() => expect(condition.notify(2)).toBe(2));
  const woken = scenario === 'waitSync' ? 'true' : 'notified';
  const count = (): number => peers.filter(({ stdout }) => stdout.includes(woken)).length;
  await until(() => count() === 2, { limit: 60_000 });
  await condition.withLock(() => condition.notifyAll());
  for (const peer of peers) await peer.says(woken);
});

test('notify does not wait for killed waiters, nor count them, nor wake the dead instead of the living', async () => {
  const condition = new Condition();
  const killed = [1, 2].map(() => startPeer('waitSync', [condition]));
  await until(() => waiters(condition) === 2, { limit: 60_000 });
  const living = startPeer('waitSync', [condition]);
  await until(() => waiters(condition) === 3, { limit: 60_000 });
  for (const peer of killed) {
    peer.kill();
    await peer.ended;
  }
  condition.withLockSync(() => expect(condition.notify()).toBe(1));
  await living.says('true');
  condition.withLockSync(() => expect(condition.notifyAll()).toBe(0));
  expect(String(condition)).toBe('<Condition(<RLock(None, 0)>, 0)>');
});

test('a wait that is aborted has the lock, and what it was notified of goes to another', async () => {
  const condition = new Condition();
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = condition.withLock(async () => {
    const error = await outcome(condition.wait({ signal }));
    expect(String(condition)).toMatch(/RLock\(ThisProcess, 1\)/);
    return error;
  });
  let woken = 0;
  const tasks = startTasks(condition, 2, () => woken++);
  const peer = startPeer('waitSync', [condition]);
  await until(() => waiters(condition) === 4, { limit: 60_000 });
  await condition.withLock(() => {
    condition.notify(4);
    controller.abort();
  });
  expect(await aborted).toBeInstanceOf(AbortError);
  await Promise.all(tasks);
  expect(woken).toBe(2);
  await peer.says('true');
  await condition.withLock(async () => {
    expect(await outcome(condition.wait({ signal }))).toBeInstanceOf(AbortError);
    expect(condition.notifyAll()).toBe(0);
  });
});

test('a blocking wait leaves the notifications to those who waited before', async () => {
  const condition = new Condition(new Lock());
  let woken = 0;
  const [task] = startTasks(condition, 1, () => woken++);
  await turn();
  condition.acquireSync();
  condition.notify();
  expect(condition.waitSync({ timeout: 20 })).toBe(false);
  condition.release();
  await task;
  expect(woken).toBe(1);
});

describe('waitFor', () => {
  test('returns what the predicate returned, which is looked at with the lock', async () => {
    const condition = new Condition();
    const box = { value: undefined as string | undefined };
    const waiting = condition.withLock(() =>
      condition.waitFor(async () => {
        expect(String(condition)).toMatch(/RLock\(ThisProcess, 1\)/);
        return box.value;
      }),
    );
    await condition.withLock(() => condition.notify());
    await condition.withLock(() => {
      box.value = 'here';
      condition.notify();
    });
    expect(await waiting).toBe('here');
    condition.withLockSync(() => expect(condition.waitForSync(() => 7)).toBe(7));
  });

  test('returns the last value when it is late', async () => {
    const condition = new Condition();
    await condition.withLock(async () => {
      for (const timeout of [-1, 0, 5]) {
        expect(await condition.waitFor(() => 0, { timeout })).toBe(0);
        expect(condition.waitForSync(() => '', { timeout })).toBe('');
      }
    });
  });

  test('throws what the predicate throws, with the lock', async () => {
    const condition = new Condition();
    const error = new Error('mine');
    const fail = (): never => {
      throw error;
    };
    await condition.withLock(async () => {
      expect(await outcome(condition.waitFor(fail))).toBe(error);
      expect(() => condition.waitForSync(fail)).toThrow(error);
      expect(() => condition.waitForSync(async () => 1)).toThrow(TypeError);
      expect(String(condition)).toMatch(/RLock\(ThisProcess, 1\)/);
    });
  });
});

test('it travels with its lock: the same one, if that travels too', async () => {
  const lock = new Lock();
  const condition = new Condition(lock);
  const { stdout } = await startPeer('acquireThrough', [lock, condition]).ended;
  expect(stdout).toBe('NotOwner false\n');
});

test('wrong arguments are refused', async () => {
  expect(() => new Condition({} as never)).toThrow(TypeError);
  const condition = new Condition();
  await condition.withLock(async () => {
    for (const count of [-1, 0.5, Number.NaN, 'all'])
      expect(() => condition.notify(count as number)).toThrow(RangeError);
    expect(await outcome(condition.wait({ timeout: Number.NaN }))).toBeInstanceOf(TypeError);
    expect(() => condition.waitSync({ timeout: Number.NaN })).toThrow(TypeError);
  });
});
