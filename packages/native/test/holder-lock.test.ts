import { checkLeaks, startNode } from '@mp/testing';
import { expect, test } from 'vitest';
import { closeDescriptor, createMemory, HolderLock, mapMemory, threadId, unmapMemory } from '../src/index.ts';

checkLeaks();

function withWords(use: (words: Int32Array, descriptor: number) => Promise<void> | void): () => Promise<void> {
  return async () => {
    const descriptor = createMemory(4096, 'mp-test');
    const buffer = mapMemory(descriptor, 4096);
    try {
      await use(new Int32Array(buffer), descriptor);
    } finally {
      unmapMemory(buffer);
      closeDescriptor(descriptor);
    }
  };
}

/** Takes the lock in another process, and says so. */
const TAKER = {
  code: `
    import { HolderLock, mapMemory } from '../src/index.ts';
    const lock = new HolderLock(new Int32Array(mapMemory(3, 4096)), 4);
    console.log(lock.tryAcquire() ? 'taken' : 'refused');
    setInterval(() => {}, 1e6);
  `,
};

test(
  'a lock is held by one at a time',
  withWords((words) => {
    const one = new HolderLock(words, 4);
    const two = new HolderLock(words, 4);
    expect(one.tryAcquire()).toBe(true);
    expect(two.tryAcquire()).toBe(false);
    expect(one.tryAcquire()).toBe(false);
    one.release();
    expect(two.tryAcquire()).toBe(true);
    two.release();
    expect(words[4]).toBe(0);
  }),
);

test(
  'a lock is respected as long as its holder lives, and taken over when it was killed',
  withWords(async (words, descriptor) => {
    const lock = new HolderLock(words, 4);
    const taker = startNode(TAKER, { descriptors: [descriptor] });
    await taker.says('taken');
    expect(lock.tryAcquire()).toBe(false);
    taker.kill();
    await taker.ended;
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
  }),
);

test(
  'a process that has got the number of a dead holder is not taken for it',
  withWords((words) => {
    const lock = new HolderLock(words, 4);
    expect(lock.tryAcquire()).toBe(true);
    // As if a thread of our number, started at another time, had held it.
    words[4] = threadId() | ((((words[4] as number) >>> 22) ^ 1) << 22);
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
    expect(lock.tryAcquire()).toBe(true);
    words[5] = (words[5] as number) ^ (1 << 20);
    expect(lock.tryAcquire()).toBe(true);
    lock.release();
  }),
);

test(
  'a holder that was killed before it could say since when it lives is recognised nevertheless',
  withWords((words) => {
    const lock = new HolderLock(words, 4);
    expect(lock.tryAcquire()).toBe(true);
    words[5] = (words[5] as number) ^ 1;
    expect(lock.tryAcquire()).toBe(false);
  }),
);
