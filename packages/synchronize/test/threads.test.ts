import { Block } from '@mp/shared-memory/internal';
import { expect, test } from 'vitest';
import { Lock, OwnerDiedError, RLock } from '../src/index.ts';
import { outcome } from './fixtures/forms.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { runThread } from './fixtures/peers.ts';

checkMemoryLeaks();

test('a worker thread that ends while it holds a lock is noticed, as a process is', async () => {
  const lock = new Lock();
  await runThread('holdAndFinish', [lock]);
  expect(String(lock)).toBe('<Lock(owner=SomeOtherProcess)>');
  expect(await outcome(lock.acquire())).toBeInstanceOf(OwnerDiedError);
});

test('threads of one process exclude each other', async () => {
  const lock = new Lock();
  const memory = Block.allocate(4);
  await Promise.all([runThread('count', [lock, memory, 5000, true]), runThread('count', [lock, memory, 5000, false])]);
  expect(memory.int32()[0]).toBe(10_000);
});

test('a worker thread sees that another thread of its process holds a lock, and cannot give back a recursive one', async () => {
  const locks = [new Lock(), new RLock()] as const;
  for (const lock of locks) lock.acquireSync();
  expect(await runThread('show', [locks])).toBe('<Lock(owner=SomeOtherThread)>,<RLock(SomeOtherThread, nonzero)>\n');
  await expect(runThread('release', [locks[1]])).rejects.toMatchObject({ name: 'NotOwnerError' });
  for (const lock of locks) lock.release();
});
