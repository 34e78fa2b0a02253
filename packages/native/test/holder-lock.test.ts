import { checkLeaks, startNode } from '@mp/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
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

/** A start that fits the first word as well as ours does, but is another one. */
const similar = (start: number): number => start ^ (1 << 20);

test(
  'a holder that has not said yet since when it lives is not judged by what the one before has left',
  withWords((words) => {
    const lock = new HolderLock(words, 4);
    expect(lock.tryAcquire()).toBe(true);
    const [identity, start] = [words[4] as number, words[5] as number];
    words[5] = similar(start);
    lock.release();
    // As if a thread had just taken it.
    words[4] = identity;
    expect(lock.tryAcquire()).toBe(false);
  }),
);

test(
  'nor by what a dead one has left whom it replaces',
  withWords((words) => {
    const lock = new HolderLock(words, 4);
    expect(lock.tryAcquire()).toBe(true);
    words[5] = similar(words[5] as number);
    const { compareExchange } = Atomics;
    const left: number[] = [];
    const spy = vi.spyOn(Atomics, 'compareExchange').mockImplementation(((array: Int32Array, at: number, ...rest) => {
      const before = compareExchange(array, at, ...(rest as [number, number]));
      if (at === 4 && before === rest[0]) left.push(words[5] as number);
      return before;
    }) as typeof compareExchange);
    onTestFinished(() => spy.mockRestore());
    expect(lock.tryAcquire()).toBe(true);
    expect(left).toEqual([0]);
    spy.mockRestore();
    expect(words[5]).not.toBe(0);
    lock.release();
  }),
);
