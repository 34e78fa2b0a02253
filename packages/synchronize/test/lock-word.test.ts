import { identify, thisThread } from '@mp/native';
import { Block } from '@mp/shared-memory/internal';
import { expect, onTestFinished, test, vi } from 'vitest';
import { OwnerDiedError } from '../src/index.ts';
import { HOLDER, LockAttempt, START } from '../src/lock/lock-word.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';

checkMemoryLeaks();

test('who replaces a dead holder is not judged, until it says since when it lives, by what that has left', () => {
  const words = Block.allocate(8).int32();
  identify();
  // As if a thread of our number had held it that was started at another time.
  words[HOLDER] = thisThread.word ^ (1 << 22);
  words[START] = thisThread.start ^ 1;
  const { compareExchange } = Atomics;
  const left: number[] = [];
  const spy = vi.spyOn(Atomics, 'compareExchange').mockImplementation(((array: Int32Array, at: number, ...rest) => {
    const before = compareExchange(array, at, ...(rest as [number, number]));
    if (at === HOLDER && before === rest[0]) left.push(words[START] as number);
    return before;
  }) as typeof compareExchange);
  onTestFinished(() => spy.mockRestore());
  expect(() => new LockAttempt('a test', words, 'error', false).try(true)).toThrow(OwnerDiedError);
  expect(left).toEqual([0]);
  expect([words[HOLDER], words[START]]).toEqual([thisThread.word, thisThread.start]);
});
