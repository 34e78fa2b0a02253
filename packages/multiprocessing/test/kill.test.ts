import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, startMethods } from './across.ts';
import { BEGUN, increment, MOST, PUT, storm, type Things, take, WORDS, within } from './fixtures/storm.ts';

await checkSharedLeaks();

/** Of all these tests together. */
const SECONDS = Number(process.env.MP_KILL_SECONDS ?? 12);
const EACH = SECONDS / startMethods.length;
const PLACES = 4;
const UNITS = 1_000_000;

describe.each(startMethods)('by %s: while processes that do everything are killed at any moment', (method) => {
  test('nobody hangs, no count is wrong, and no message is lost but what a killed process had got', {
    timeout: EACH * 1000 + 180_000,
  }, async () => {
    const things: Things = {
      lock: new mp.RLock(),
      condition: new mp.Condition(),
      semaphore: new mp.Semaphore(UNITS),
      event: new mp.Event(),
      barrier: new mp.Barrier(2),
      queue: new mp.Queue(),
      counters: [mp.RawArray('i', WORDS), mp.RawArray('i', WORDS)],
      numbers: mp.RawArray('i', 1),
      puts: mp.RawArray('B', MOST),
      gets: mp.RawArray('i', MOST),
      pids: mp.RawArray('i', PLACES),
    };
    const { lock, condition, counters, queue, numbers, puts, gets, pids } = things;
    const { Process } = mp.getContext(method);
    const children: mp.Process[] = [];
    const start = async (place: number): Promise<void> => {
      const child = new Process({ target: storm, args: [things, place] }) as unknown as mp.Process;
      children[place] = child;
      await child.start();
    };
    onTestFinished(async () => {
      for (const child of children) child.kill();
      for (const child of children) await child.join();
      for (const child of children) child.close();
      queue.close();
    });
    for (let place = 0; place < PLACES; place++) await start(place);
    let kills = 0;
    const end = performance.now() + EACH * 1000;
    // On a busy machine it takes longer until something was shown.
    const enough = (): boolean =>
      kills >= PLACES && numbers[0]! > 100 && counters.every((words) => Atomics.load(words, 2) > 1);
    for (let turn = 0; performance.now() < end || !enough(); turn++) {
      const place = turn % PLACES;
      const child = children[place]!;
      const works = (): boolean => Atomics.load(pids, place) === child.pid || !child.isAlive();
      await until(works, { limit: 60_000, what: `the child in place ${place} to work` });
      // A random moment is what this test is about.
      await pause(Math.random() * 100);
      child.kill();
      await child.join();
      // Whoever ended in another way has found something wrong.
      expect(child.exitCode).toBe(-9);
      child.close();
      kills++;
      await start(place);
    }
    for (const child of children) {
      child.kill();
      await child.join();
    }
    kills += PLACES;

    // Nobody has anything who lives: whoever comes gets it, and every count is whole, or it is told.
    for (const [i, one] of [lock, condition].entries()) {
      const words = counters[i]!;
      await within(one, words, () => increment(words));
      expect([words[0], words[1], words[2]! > 1]).toEqual([words[2], words[2], true]);
    }
    const units = things.semaphore.getValue();
    expect([units <= UNITS, units >= UNITS - kills]).toEqual([true, true]);
    expect(await condition.withLock(() => condition.notifyAll())).toBe(0);
    things.barrier.reset();
    const both = await Promise.all([
      things.barrier.wait({ timeout: 50_000 }),
      things.barrier.wait({ timeout: 50_000 }),
    ]);
    expect(both.sort()).toEqual([0, 1]);

    while (!queue.empty()) take(things, await queue.get());
    let [lost, twice, begun] = [0, 0, 0];
    const count = numbers[0]!;
    for (let number = 0; number < count; number++) {
      if (puts[number] === BEGUN) begun++;
      if (puts[number] === PUT && gets[number] === 0) lost++;
      if (gets[number]! > 1) twice += gets[number]! - 1;
    }
    expect(lost).toBeLessThanOrEqual(kills);
    expect(twice).toBeLessThanOrEqual(kills);
    expect(begun).toBeLessThanOrEqual(kills);
  });
});
