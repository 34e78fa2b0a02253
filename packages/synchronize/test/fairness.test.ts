import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Lock, RLock, Semaphore } from '../src/index.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';

checkMemoryLeaks();

test.each([
  ['Lock', () => new Lock()],
  ['RLock', () => new RLock()],
  ['Semaphore', () => new Semaphore(1)],
] as const)(
  '%s: a task that takes it again and again does not keep it from the others of its thread',
  async (_, make) => {
    const lock = make();
    const order: string[] = [];
    const task = async (name: string): Promise<void> => {
      for (let i = 0; i < 5; i++) {
        await lock.withLock(async () => {
          order.push(name);
          await turn();
        });
      }
    };
    await Promise.all([task('a'), task('b'), task('c')]);
    expect(order.join('')).toBe('abc'.repeat(5));
  },
);
