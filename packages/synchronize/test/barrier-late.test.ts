import { expect, test, vi } from 'vitest';
import { RoundAttempt } from '../src/barrier-attempts.ts';
import { Barrier, BrokenBarrierError } from '../src/index.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';

checkMemoryLeaks();

/** Another party comes, and all pass, between the last look of the first one and its giving up. */
function lastComesBehindTheLook(barrier: Barrier): void {
  const look = RoundAttempt.prototype.try;
  vi.spyOn(RoundAttempt.prototype, 'try').mockImplementationOnce(function (this: RoundAttempt, patrol: boolean) {
    const outcome = look.call(this, patrol);
    expect(barrier.waitSync()).toBe(1);
    return outcome;
  });
}

test.each([
  ['wait', (barrier: Barrier) => barrier.wait({ timeout: 0 })],
  ['waitSync', async (barrier: Barrier) => barrier.waitSync({ timeout: 0 })],
] as const)(
  '%s: who is late when all have passed has passed with them, and is not told that the barrier is broken',
  async (_, wait) => {
    const barrier = new Barrier(2);
    lastComesBehindTheLook(barrier);
    expect(await wait(barrier)).toBe(0);
    expect([barrier.broken, barrier.nWaiting]).toEqual([false, 0]);
    // Nobody comes, and it is late indeed.
    await expect((async () => wait(barrier))()).rejects.toThrow(BrokenBarrierError);
    expect(barrier.broken).toBe(true);
  },
);
