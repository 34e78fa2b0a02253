import { setTimeout as pause } from 'node:timers/promises';
import { getContext } from '@mp/context';
import { Process } from '@mp/process';
import { type Queue, TasksLostError } from '@mp/queues';
import { checkLeaks, until } from '@mp/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BEGUN, Board, PUT } from './fixtures/board.ts';
import { random } from './fixtures/history.ts';
import { getUntilKilled, putUntilKilled, workUntilKilled } from './fixtures/victims.ts';
import { testJoinableQueue, testQueue } from './queues.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

/** Of all these tests together. */
const SECONDS = Number(process.env['MP_KILL_SECONDS'] ?? 21);
const EACH = SECONDS / 3 / startMethods.length;
const SEED = Number(process.env['MP_KILL_SEED'] ?? Date.now() % 100_000);

type Start = () => Process<never>;

/** Processes of which one after the other is killed at any moment, and replaced. */
class Shooting {
  readonly kills: number[];
  readonly #board: Board;
  readonly #starts: readonly Start[];
  readonly #processes: Process<never>[] = [];

  constructor(board: Board, starts: readonly Start[]) {
    this.#board = board;
    this.#starts = starts;
    this.kills = starts.map(() => 0);
    onTestFinished(async () => {
      for (const child of this.#processes) child.kill();
      await this.#ended();
    });
  }

  /**
   * @param enough - whether so much has happened that the test has shown something
   * @param most - numbers that are given out before the next one is killed. Without them, on a busy machine and with little
   *   room, all would be dead again before two have met
   */
  async run(seconds: number, chance: () => number, enough: () => boolean, most = 0): Promise<void> {
    for (const start of this.#starts) this.#processes.push(await started(start));
    const end = performance.now() + seconds * 1000;
    for (let turn = 0; performance.now() < end || !enough(); turn++) {
      const victim = turn % this.#processes.length;
      const child = this.#processes[victim]!;
      await until(() => this.#board.whoIsIn(victim) === child.pid, { limit: 60_000, what: 'the victim to work' });
      const next = this.#board.count + Math.floor(chance() * most);
      await until(() => this.#board.count >= next, { limit: 60_000, what: 'those who live to go on' });
      await pause(chance() * 30);
      child.kill();
      await child.join();
      // Nobody but us has ended it.
      expect(child.exitCode).toBe(-9);
      child.close();
      this.kills[victim]!++;
      this.#processes[victim] = await started(this.#starts[victim]!);
    }
  }

  /** Those who are left end by themselves. */
  async end(): Promise<void> {
    for (const child of this.#processes) {
      await child.join({ timeout: 100_000 });
      expect(child.exitCode).toBe(0);
    }
    await this.#ended();
  }

  async #ended(): Promise<void> {
    for (const child of this.#processes.splice(0)) {
      await child.join();
      child.close();
    }
  }
}

async function started(start: Start): Promise<Process<never>> {
  const child = start();
  await child.start();
  return child;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe.each(startMethods)('by %s', (method) => {
  const context = getContext(method);

  test.each([
    ['an unbounded queue', 0, EACH],
    ['a queue with room for three', 3, EACH],
  ])(
    `processes that use %s are killed at any moment (seed ${SEED})`,
    async (_, maxSize, seconds) => {
      const queue: Queue<unknown> = testQueue(maxSize);
      const board = new Board();
      onTestFinished(() => board.close());
      const targets = [putUntilKilled, putUntilKilled, getUntilKilled, getUntilKilled];
      const shooting = new Shooting(
        board,
        targets.map(
          (target, place): Start =>
            () =>
              new Process({ target, args: [queue, board, place], context }) as Process<never>,
        ),
      );
      await shooting.run(
        seconds,
        random(SEED + maxSize),
        () => board.count > 100 && Math.min(...shooting.kills) > 0,
        40,
      );
      queue.shutdown();
      // What getters leave on desks when they end is theirs to take; the last to look are we.
      await shooting.end();
      const left: unknown[] = [];
      while (!queue.empty()) left.push(await queue.get());
      expect(left).toEqual([]);

      const [, , ...killedGetters] = shooting.kills;
      const killedPutters = shooting.kills.slice(0, 2);
      let lost = 0;
      let twice = 0;
      let begun = 0;
      for (let number = 0; number < board.count; number++) {
        const got = board.gets[number]!;
        if (got > 1) twice += got - 1;
        if (board.puts[number] === PUT && got === 0) lost++;
        if (board.puts[number] === BEGUN) begun++;
      }
      // Got by a process that was killed before it could write that down; decoded once more after its getter was killed.
      expect(lost).toBeLessThanOrEqual(sum(killedGetters));
      expect(twice).toBeLessThanOrEqual(sum(killedGetters));
      // Whose putter was killed, or was told that the queue is shut down.
      expect(begun).toBeLessThanOrEqual(sum(killedPutters) + 2);
    },
    EACH * 1000 + 180_000,
  );

  test(
    `join returns although workers are killed at any moment (seed ${SEED})`,
    async () => {
      const tasks = testJoinableQueue<unknown>();
      const board = new Board();
      onTestFinished(() => board.close());
      const shooting = new Shooting(
        board,
        [0, 1].map(
          (place): Start =>
            () =>
              new Process({ target: workUntilKilled, args: [tasks, board, place], context }) as Process<never>,
        ),
      );
      let over = false;
      let lost = 0;
      let rounds = 0;
      const shot = shooting
        .run(EACH, random(SEED), () => rounds > 0 && Math.min(...shooting.kills) > 0)
        .finally(() => {
          over = true;
        });
      while (!over) {
        for (let i = 0; i < 500; i++) await tasks.put(i % 5 === 0 ? new Date(i) : i);
        for (;;) {
          try {
            await tasks.join({ timeout: 100_000 });
            break;
          } catch (error) {
            if (!(error instanceof TasksLostError)) throw error;
            lost += error.count;
          }
        }
        expect(tasks.qsize()).toBe(0);
        rounds++;
      }
      await shot;
      tasks.shutdown();
      await shooting.end();
      expect(lost).toBeLessThanOrEqual(sum(shooting.kills));
    },
    EACH * 1000 + 180_000,
  );
});
