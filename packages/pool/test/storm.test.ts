import { WorkerLostError, type WorkerPool } from '@mp/pool';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { square, squareLater } from './fixtures/sums.ts';
import { leaks } from './leaks.ts';
import { running } from './running.ts';
import { seed, seeded } from './seeded.ts';
import { startMethods } from './start-methods.ts';

checkLeaks(leaks);

const SECONDS = Number(process.env.MP_KILL_SECONDS ?? 3);
/** 100,000 in the proof; fewer where everything else is tested, too. */
const STORM = Number(process.env.MP_STORM_TASKS ?? 8000);
/** How many kills a storm has: a new worker takes its time. */
const KILLS = Math.max(20, STORM / 1000);
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const;

describe.each(startMethods)('by %s', (method) => {
  test(
    'while workers are killed at random, each task is answered once: with its result, or with the loss of its worker',
    async () => {
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

  describe(`${STORM} tasks on 4 workers that are killed at random`, () => {
    /** All of them at once, with so many kills as the workers can bear; every answer is counted. */
    async function storm(retries: number): Promise<{ answers: Int8Array; kills: number; wrong: unknown[] }> {
      const random = seeded(seed);
      const pool: WorkerPool = running(method, 4);
      const answers = new Int8Array(STORM);
      const wrong: unknown[] = [];
      let kills = 0;
      let left = STORM;
      const results = Array.from({ length: STORM }, (_, x) =>
        pool.applyAsync(square, [x], {
          retries,
          callback: (value) => {
            left--;
            answers[x] = (answers[x] as number) + 1;
            if (value !== x * x) wrong.push(value);
          },
          errorCallback: (error) => {
            left--;
            answers[x] = (answers[x] as number) + 1;
            if (retries > 0 || !(error instanceof WorkerLostError)) wrong.push(error);
          },
        }),
      );
      while (left > 0) {
        await new Promise(setImmediate);
        if (STORM - left < (kills * STORM) / KILLS) continue;
        const victim = pool.workers[random(4)];
        if (victim === undefined) continue;
        try {
          process.kill(victim.pid, SIGNALS[random(SIGNALS.length)]);
          kills++;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      }
      await Promise.allSettled(results);
      expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
      expect(pool.workers).toHaveLength(4);
      return { answers, kills, wrong };
    }

    test.each([
      ['each is answered exactly once', 0],
      ['with retries each has its result', Number.POSITIVE_INFINITY],
    ])(
      '%s',
      async (_, retries) => {
        const { answers, kills, wrong } = await storm(retries);
        const told = `seed ${seed}: ${kills} kills`;
        expect(wrong, told).toEqual([]);
        expect(
          answers.every((count) => count === 1),
          told,
        ).toBe(true);
        expect(kills, told).toBeGreaterThan(0);
      },
      600_000,
    );
  });
});
