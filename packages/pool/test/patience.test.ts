import { expect, test, vi } from 'vitest';
import { Patience } from '../src/patience.ts';
import { testClock } from './clock.ts';

const microtasks = (): Promise<void> => Promise.resolve();
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const clock = testClock();

test('it looks once when the code that asked has nothing more to do', async () => {
  const look = vi.fn(() => true);
  const patience = new Patience(look);
  patience.wait();
  patience.wait();
  expect(look).not.toHaveBeenCalled();
  await microtasks();
  expect(look).toHaveBeenCalledTimes(1);
});

test('a loop of calls that are answered at once lets timers have their turn', async () => {
  const look = vi.fn(() => true);
  const patience = new Patience(look);
  for (let i = 0; i < 100; i++) {
    patience.wait();
    await microtasks();
    clock.now += 0.1;
  }
  const looks = look.mock.calls.length;
  expect(looks).toBeLessThan(20);
  await turn();
  patience.wait();
  await microtasks();
  expect(look).toHaveBeenCalledTimes(looks + 1);
});

test('looks in vain become rare, and the first that is not makes up for half of them', async () => {
  let found = false;
  const look = vi.fn(() => found);
  const patience = new Patience(look);
  const waits = async (times: number): Promise<number> => {
    const before = look.mock.calls.length;
    for (let i = 0; i < times; i++) {
      patience.wait();
      await microtasks();
    }
    return look.mock.calls.length - before;
  };
  expect(await waits(2000)).toBeLessThan(15);
  found = true;
  expect(await waits(2000)).toBeGreaterThan(1000);
});
