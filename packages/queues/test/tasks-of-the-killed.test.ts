import { getContext } from '@mp/context';
import { TimeoutError } from '@mp/errors';
import { Process } from '@mp/process';
import { type JoinableQueue, TasksLostError } from '@mp/queues';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { killAfter } from './fixtures/kill-after.ts';
import { testJoinableQueue } from './queues.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

/** What became of two tasks, when a process was killed at some step of what it did with the first. */
interface Outcome {
  /** How many we could take afterwards, and mark as done. */
  readonly left: number;
  /** How many `join` told as lost. */
  readonly lost: number;
}

/** What `join` tells. */
async function lostTasks(queue: JoinableQueue<number>, timeout: number): Promise<number> {
  try {
    await queue.join({ timeout });
  } catch (error) {
    if (error instanceof TasksLostError) return error.count;
    if (timeout > 0 || !(error instanceof TimeoutError)) throw error;
  }
  return 0;
}

async function afterKill(act: (queue: JoinableQueue<number>) => void): Promise<Outcome> {
  const queue = testJoinableQueue<number>();
  for (const task of [0, 1, 2]) queue.putSync(task);
  // One is in our hands all the time.
  queue.getSync();
  const target = (): void => {
    act(queue);
    process.kill(process.pid, 'SIGKILL');
  };
  const child = new Process({ target, context: getContext('fork') });
  await child.start();
  await child.join();
  expect(child.exitCode).toBe(-9);
  child.close();
  let left = 0;
  for (; !queue.empty(); left++) queue.getSync();
  let lost = await lostTasks(queue, 0);
  for (let i = 0; i < left + 1; i++) queue.taskDone();
  lost += await lostTasks(queue, 10_000);
  // And not one more.
  expect(() => queue.taskDone()).toThrow('too many times');
  queue.close();
  return { left, lost };
}

async function atEachStep(most: number, act: (queue: JoinableQueue<number>, step: number) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let step = 1; step <= most; step++) outcomes.push(await afterKill((queue) => act(queue, step)));
  return outcomes;
}

// Only a fork can be given what stops it at a step.
describe.runIf(startMethods.includes('fork'))('a task is counted once, of a worker that is killed at any step', () => {
  test('of taking it', async () => {
    const outcomes = await atEachStep(10, (queue, step) => {
      killAfter(step);
      queue.getSync();
    });
    for (const { left, lost } of outcomes) expect(left + lost).toBe(2);
    expect([outcomes[0], outcomes.at(-1)]).toEqual([
      { left: 2, lost: 0 },
      { left: 1, lost: 1 },
    ]);
  });

  test('of marking it as done', async () => {
    const outcomes = await atEachStep(8, (queue, step) => {
      queue.getSync();
      killAfter(step);
      queue.taskDone();
    });
    // From some step on it is done, and not lost.
    expect(outcomes[0]).toEqual({ left: 1, lost: 1 });
    expect(outcomes.at(-1)).toEqual({ left: 1, lost: 0 });
    expect(outcomes.map(({ lost }) => lost)).toEqual(outcomes.map(({ lost }) => lost).toSorted((a, b) => b - a));
  });
});
