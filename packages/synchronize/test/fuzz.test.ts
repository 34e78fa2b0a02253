import { setImmediate as turn } from 'node:timers/promises';
import { AbortError } from '@mp/errors';
import { expect, test } from 'vitest';
import { Condition, Event, Lock, RLock, Semaphore } from '../src/index.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';

checkMemoryLeaks();

const ROUNDS = Number(process.env.MP_FUZZ_ROUNDS ?? 40);
const SEED = Number(process.env.MP_SEED ?? 4711);
const UNITS = 3;

/** The same numbers for the same seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test(`tasks that come, wait, are late and give up never get too many in, and lose nothing (seed ${SEED})`, async () => {
  const random = randomNumbers(SEED);
  const lock = new Lock();
  const rlock = new RLock();
  const semaphore = new Semaphore(UNITS);
  const condition = new Condition();
  const event = new Event();
  const inside = { lock: 0, rlock: 0, semaphore: 0, condition: 0 };

  /** What is in somebody's way: nothing, a time-out, a signal. */
  const obstacle = (): { timeout?: number; signal?: AbortSignal } => {
    const kind = random(4);
    if (kind === 0) return { timeout: random(3) };
    if (kind > 1) return {};
    const controller = new AbortController();
    void turn().then(() => controller.abort());
    return { signal: controller.signal };
  };
  const enter = async (name: keyof typeof inside, most: number, stay: () => Promise<void>): Promise<void> => {
    expect(++inside[name]).toBeLessThanOrEqual(most);
    for (let turns = random(3); turns > 0; turns--) await turn();
    await stay();
    inside[name]--;
  };
  const nothing = async (): Promise<void> => {};
  /** Outside of the lock as long as it waits. */
  const wait = async (): Promise<void> => {
    inside.condition--;
    try {
      await condition.wait(random(2) === 0 ? { timeout: random(3) } : obstacle());
    } finally {
      expect(++inside.condition).toBe(1);
    }
  };
  const actions: readonly (() => Promise<unknown>)[] = [
    async () => (await lock.acquire(obstacle())) && enter('lock', 1, nothing).then(() => lock.release()),
    async () =>
      lock.locked() || (lock.acquireSync({ timeout: 0 }) && enter('lock', 1, nothing).then(() => lock.release())),
    async () => rlock.withLock(() => enter('rlock', 1, () => rlock.withLock(nothing)), obstacle()),
    async () =>
      (await semaphore.acquire(obstacle())) && enter('semaphore', UNITS, nothing).then(() => semaphore.release()),
    async () => condition.withLock(() => enter('condition', 1, wait).finally(() => (inside.condition = 0)), obstacle()),
    async () => condition.withLock(() => enter('condition', 1, async () => void condition.notify(random(4)))),
    async () => event.wait(obstacle()),
    async () => (random(2) === 0 ? event.set() : event.clear()),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const tasks = Array.from({ length: 100 }, async () => {
      for (let i = 0; i < 5; i++) {
        try {
          await actions[random(actions.length)]?.();
        } catch (error) {
          const { code } = error as { code?: string };
          if (!(error instanceof AbortError) && code !== 'ERR_MP_TIMEOUT') throw error;
        }
      }
    });
    const all = Promise.all(tasks);
    let over = false;
    const wakeTheRest = async (): Promise<void> => {
      while (!over) {
        await turn();
        event.set();
        await condition.withLock(() => condition.notifyAll());
      }
    };
    await Promise.all([all.finally(() => (over = true)), wakeTheRest()]);
    event.clear();
    expect([lock.locked(), rlock.locked(), semaphore.getValue()]).toEqual([false, false, UNITS]);
    expect(String(condition)).toBe('<Condition(<RLock(None, 0)>, 0)>');
    expect(inside).toEqual({ lock: 0, rlock: 0, semaphore: 0, condition: 0 });
  }
}, 120_000);
