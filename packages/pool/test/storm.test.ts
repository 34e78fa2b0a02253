import { WorkerLostError, type WorkerPool } from '@mp/pool';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { square, squareLater } from './fixtures/sums.ts';
import { leaks } from './leaks.ts';
import { running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks(leaks);

const SECONDS = Number(process.env.MP_KILL_SECONDS ?? 6);
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const;

/** Numbers that look random and are the same every time. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe.each(startMethods)('by %s', (method) => {
  test(
    'while workers are killed at random, each task is answered once: with its result, or with the loss of its worker',
    async () => {
      const seed = Number(process.env.MP_SEED ?? Date.now() % 2 ** 32);
      const random = seeded(seed);
      const pool: WorkerPool = running(method, 3);
      const until = performance.now() + SECONDS * 1000;
      let kills = 0;
      let lost = 0;
      let answered = 0;
      let calls = 0;
      while (performance.now() < until) {
        const tasks: Promise<void>[] = [];
        for (let i = 0; i < 200; i++) {
          calls++;
          const x = random(1000);
          const fn: (x: number) => number | Promise<number> = random(2) === 0 ? square : squareLater;
          let ends = 0;
          const once = (): unknown => expect(++ends).toBe(1);
          const result = pool.applyAsync(fn, [x], { callback: once, errorCallback: once });
          tasks.push(
            result.then(
              (value) => {
                answered++;
                expect(value).toBe(x * x);
              },
              (error: unknown) => {
                lost++;
                expect(error).toBeInstanceOf(WorkerLostError);
              },
            ),
          );
          if (random(100) !== 0) continue;
          const victim = pool.workers[random(pool.workers.length)];
          if (victim === undefined) continue;
          try {
            process.kill(victim.pid, SIGNALS[random(SIGNALS.length)]);
            kills++;
          } catch (error) {
            // It has ended, and the pool has not heard of it yet.
            if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
          }
          // Lets the workers get on with it, so that they are hit at every stage.
          if (random(2) === 0) await new Promise(setImmediate);
        }
        const map = pool.map(square, [1, 2, 3, 4, 5, 6], { chunkSize: 2 });
        await Promise.all(tasks);
        await map.catch((error: unknown) => expect(error).toBeInstanceOf(WorkerLostError));
      }
      const told = `seed ${seed}: ${calls} calls, ${kills} kills`;
      expect(answered + lost, told).toBe(calls);
      expect(kills, told).toBeGreaterThan(0);
      expect(lost, told).toBeLessThanOrEqual(kills);
      expect(pool.workers, told).toHaveLength(3);
      expect(await pool.map(square, [1, 2, 3]), told).toEqual([1, 4, 9]);
    },
    SECONDS * 1000 + 30_000,
  );
});
