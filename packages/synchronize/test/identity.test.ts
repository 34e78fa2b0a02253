import { duplicateDescriptor } from '@mp/native';
import { Pickler, Unpickler } from '@mp/reduction';
import { expect, test } from 'vitest';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from '../src/index.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';

checkMemoryLeaks();

/** As through a pipe whose both ends are here. */
function sendToOurselves<T>(value: T): T {
  const { bytes, start, end, descriptors } = new Pickler().pickle(value).detach();
  const incoming = { bytes, start, end, descriptors: descriptors.map((fd) => duplicateDescriptor(fd)) };
  return new Unpickler().finish(incoming) as T;
}

test.each([
  new Lock(),
  new RLock(),
  new Semaphore(2),
  new BoundedSemaphore(2),
  new Condition(),
  new Event(),
  new Barrier(2),
])('what comes back is what was sent: %s', (object) => {
  const [one, two] = sendToOurselves([object, object]);
  expect(one).toBe(object);
  expect(two).toBe(object);
});

test('an instance of a subclass is refused until that is registered', () => {
  class MyLock extends Lock {}
  expect(() => sendToOurselves(new MyLock())).toThrow('inherits from `Lock`');
});
