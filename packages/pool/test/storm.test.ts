import { PoolTerminatedError, WorkerLostError, type WorkerPool } from '@mp/pool';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { square, squareLater } from './fixtures/sums.ts';
import { allThere } from './kinds.ts';
import { running } from './running.ts';
import { seed, seeded } from './seeded.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

/** 100,000 in the proof; fewer where everything else is tested, too. */
const STORM = Number(process.env.MP_STORM_TASKS ?? 6000);
/** How many kills a storm has: a new worker takes its time. */
const KILLS = Math.max(12, STORM / 1000);
const TERMINATIONS = Number(process.env.MP_TERMINATIONS ?? 3);
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const;

describe.each(startMethods)('by %s', (method) => {
  describe(`${STORM} tasks on 4 workers that are killed at random`, () => {
    /** All of them at once, with so many kills as the workers can bear; every answer is counted. */
    async function storm(
      retries: number,
    ): Promise<{ answers: Int8Array; kills: number; losses: number; maps: unknown[]; wrong: unknown[] }> {
      const random = seeded(seed);
      const pool: WorkerPool = running(method, 4);
      const answers = new Int8Array(STORM);
      const wrong: unknown[] = [];
      let [kills, losses, left] = [0, 0, STORM];
      let leftBefore = STORM;
      const results = Array.from({ length: STORM }, (_, x) =>
        pool.applyAsync<[number], number | Promise<number>>(random(2) === 0 ? square : squareLater, [x], {
          retries,
          callback: (value) => {
            left--;
            answers[x] = (answers[x] as number) + 1;
            if (value !== x * x) wrong.push(value);
          },
          errorCallback: (error) => {
            left--;
            losses++;
            answers[x] = (answers[x] as number) + 1;
            if (retries > 0 || !(error instanceof WorkerLostError)) wrong.push(error);
          },
        }),
      );
      const maps: PromiseLike<unknown>[] = [];
      while (left > 0) {
        await new Promise(setImmediate);
        if (STORM - left < (kills * STORM) / KILLS) continue;
        // Thousands may be answered in one turn. If nothing is between two kills, all that die may be newly born, and a
        // pool whose workers never come up gives up.
        if (kills > 0 && left === leftBefore) continue;
        leftBefore = left;
        maps.push(pool.mapAsync(square, [1, 2, 3, 4, 5, 6], { chunkSize: 2, retries }));
        const victim = pool.workers[random(4)];
        if (victim === undefined) continue;
        try {
          process.kill(victim.pid, SIGNALS[random(SIGNALS.length)]);
          kills++;
        } catch (error) {
          // It has ended, and the pool has not heard of it yet.
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      }
      await Promise.allSettled(results);
      const ends = await Promise.all(maps.map((map) => map.then(String, (error: unknown) => error)));
      expect(await pool.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
      await allThere(pool);
      return { answers, kills, losses, maps: ends, wrong };
    }

    test.each([
      ['each is answered exactly once, with its result or with the loss of its worker', 0],
      ['with retries each has its result', Number.POSITIVE_INFINITY],
    ])(
      '%s',
      async (_, retries) => {
        const { answers, kills, losses, maps, wrong } = await storm(retries);
        const told = `seed ${seed}: ${kills} kills`;
        expect(wrong, told).toEqual([]);
        expect(
          answers.every((count) => count === 1),
          told,
        ).toBe(true);
        expect(kills, told).toBeGreaterThan(0);
        expect(losses, told).toBeLessThanOrEqual(kills);
        for (const map of maps) {
          if (retries > 0 || !(map instanceof WorkerLostError)) expect(map, told).toBe('1,4,9,16,25,36');
        }
      },
      600_000,
    );
  });

  test(`a pool can be terminated at any moment (${TERMINATIONS} of them)`, async () => {
    const random = seeded(seed);
    for (let round = 0; round < TERMINATIONS; round++) {
      const pool = running(method, 2);
      const results = Array.from({ length: 300 }, (_, x) => pool.applyAsync(square, [x]));
      const some = results[random(300)];
      // After the answer of any of them, or while its workers start.
      if (round % 3 !== 0) await some;
      for (let turns = random(5); turns > 0; turns--) await new Promise(setImmediate);
      pool.terminate();
      for (const [x, end] of (await Promise.allSettled(results)).entries()) {
        if (end.status === 'fulfilled') expect(end.value).toBe(x * x);
        else expect(end.reason, `seed ${seed}`).toBeInstanceOf(PoolTerminatedError);
      }
      await pool.join();
    }
  });
});
