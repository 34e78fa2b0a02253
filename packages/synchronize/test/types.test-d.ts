/** Lines that compile, and lines that must not. */
import { Barrier, Condition, type Guard, Lock, type RLock, Semaphore } from '@mp/synchronize';

export async function results(lock: Lock, rlock: RLock, condition: Condition): Promise<void> {
  const text: string = await lock.withLock(async () => 'text');
  const length: number = lock.withLockSync(() => text.length);
  const guard: Guard = await rlock.lock({ owner: {}, timeout: length });
  guard.release();
  const found: number | undefined = await condition.waitFor(() => [length].at(0), { signal: AbortSignal.timeout(1) });
  const index: number = await new Barrier(2, { action: async () => found }).wait();
  new Semaphore(index).release();
}

export function refused(lock: Lock, rlock: RLock): void {
  // @ts-expect-error: milliseconds in an object, not seconds
  void lock.acquire(5);
  // @ts-expect-error: a thread that is blocked hears no signal
  lock.acquireSync({ signal: AbortSignal.timeout(1) });
  // @ts-expect-error: any process may release a Lock
  void lock.acquire({ owner: {} });
  // @ts-expect-error: a name is no owner
  rlock.acquireSync({ owner: 'me' });
  // @ts-expect-error: a semaphore is not what a condition needs
  new Condition(new Semaphore());
  // @ts-expect-error: there is no such way
  new Lock({ ownerDied: 'ignore' });
}
