import { getContext } from '@mp/context';
import { callMethod, getValue, RemoteError, SyncManager } from '@mp/managers';
import { ThreadPool } from '@mp/pool';
import { Process } from '@mp/process';
import { BrokenBarrierError } from '@mp/synchronize';
import { checkLeaks } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  act,
  failToAct,
  makeEverything,
  Stack,
  StackProxy,
  useEverything,
  useInThread,
  useStack,
  waitAtBarrier,
} from './fixtures/every-type.ts';
import { outcome, started } from './managers.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

class StackManager extends SyncManager.register('Stack', { create: Stack, proxyType: StackProxy }).register('Hidden', {
  create: Stack,
  exposed: ['items'],
  createMethod: false,
}) {}

describe.each(startMethods)('by %s', (method) => {
  const context = getContext(method);

  test('an object of every type is used by two processes', async () => {
    const manager = await started(method);
    const all = await makeEverything(manager);
    await all.rlock.acquire();
    await all.bounded.acquire();
    const notified = all.condition.withLock(() => all.condition.waitFor(() => all.dict.get('ready')));
    const child = new Process({ target: useEverything, args: [all], context });
    await child.start();
    expect(await all.queue.get()).toBe('hello');
    await all.joinable.put(42);
    expect(await all.joinable.join()).toBe(true);
    await all.joinable.shutdown();
    expect(await all.event.wait()).toBe(true);
    expect(await notified).toBe(true);
    const party = await all.barrier.wait();
    await child.join();
    expect(child.exitCode).toBe(0);
    child.close();
    expect(await getValue(all.dict)).toEqual(
      new Map<string, unknown>([
        ['b', 1],
        ['task', 42],
        ['rlock', false],
        ['bounded', false],
        ['ready', true],
        ['party', 1 - party],
      ]),
    );
    expect(await getValue(all.list)).toEqual([1, 2, 3, 9]);
    expect(await getValue(all.set)).toEqual(new Set([1, 2, 3]));
    expect(await getValue(all.namespace)).toEqual({ x: 2, y: 'from the child' });
    expect(await getValue(all.array)).toEqual([1, 2, 30]);
    expect([await all.value.get(), await all.semaphore.getValue()]).toEqual([14, 1]);
    // It has ended with the lock.
    expect(await all.lock.acquire()).toBe(true);
  });

  test('a proxy class of your own is used here and travels, and only what is exposed can be called', async () => {
    const manager = new StackManager({ context });
    onTestFinished(() => manager.shutdown());
    await manager.start();
    const stack = await manager.Stack();
    expect(stack).toBeInstanceOf(StackProxy);
    await stack.pushAll(1);
    const child = new Process({ target: useStack, args: [stack], context });
    await child.start();
    await child.join();
    expect(child.exitCode).toBe(0);
    child.close();
    expect(await stack.copyOfItems()).toEqual([1, 'child', 2]);
    expect(await outcome(callMethod(stack, 'hidden'))).toBeInstanceOf(RemoteError);
    expect('Hidden' in manager).toBe(false);
    const hidden = await manager.create('Hidden');
    expect(await outcome(callMethod(hidden, 'push', [1]))).toBeInstanceOf(RemoteError);
    expect(await callMethod(hidden, 'items')).toEqual([]);
  });
});

test('a worker thread is a client of its own', async () => {
  const manager = await started();
  const { dict, rlock } = await makeEverything(manager);
  await rlock.acquire();
  const threads = new ThreadPool(1);
  expect(await threads.apply(useInThread, [{ dict, rlock }])).toEqual([1, false]);
  threads.close();
  await threads.join();
  expect(await dict.get('thread')).toBe(1);
});

test('a barrier whose party is killed, or that is aborted, is broken for all; its action is called in the server', async () => {
  const manager = await started();
  const queue = await manager.Queue<string>();
  const acting = await manager.Barrier(1, act);
  expect([await acting.wait(), await acting.wait()]).toEqual([0, 0]);
  const barrier = await manager.Barrier(3);
  const child = new Process({ target: waitAtBarrier, args: [{ barrier, queue }] });
  await child.start();
  expect(await queue.get()).toBe('waits');
  const waiting = outcome(barrier.wait());
  child.kill();
  expect(await waiting).toBeInstanceOf(BrokenBarrierError);
  await child.join();
  child.close();
  await barrier.reset();
  const again = outcome(barrier.wait());
  await barrier.abort();
  expect(await again).toBeInstanceOf(BrokenBarrierError);
  expect(await outcome(barrier.wait())).toBeInstanceOf(BrokenBarrierError);
});

test('an action that fails breaks its barrier, and is the error of who came last', async () => {
  const barrier = await (await started()).Barrier(2, failToAct);
  const outcomes = await Promise.all([outcome(barrier.wait()), outcome(barrier.wait())]);
  expect(outcomes).toEqual([expect.any(BrokenBarrierError), new RangeError('no action')]);
});

test('proxies of your own class come from a server that may name no code, and are found by name', async () => {
  const manager = new StackManager({ address: ['127.0.0.1', 0], authkey: 'k' });
  onTestFinished(() => manager.shutdown());
  await manager.start();
  const stack = await manager.Stack();
  expect(stack).toBeInstanceOf(StackProxy);
  await stack.pushAll(1, 2);
  expect(await stack.copyOfItems()).toEqual([1, 2]);
  const list = await manager.list<unknown>([stack]);
  expect(await list.at(0)).toBeInstanceOf(StackProxy);
});
