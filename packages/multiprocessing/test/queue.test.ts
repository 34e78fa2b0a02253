import { describe, expect, onTestFinished, test } from 'vitest';
import * as mp from '../src/index.ts';
import { checkSharedLeaks, inProcess, startMethods, stuckProcess, testPool } from './across.ts';
import { answer, answerToAll, getAndStay, putAndStay, type Queues, takeTaskAndStay } from './fixtures/queues.ts';

await checkSharedLeaks();

function queues(maxSize = 0): Queues {
  const all = {
    questions: new mp.Queue<number>(maxSize),
    answers: new mp.SimpleQueue<number>(),
    tasks: new mp.JoinableQueue<number>(),
  };
  onTestFinished(() => {
    all.questions.close();
    all.answers.close();
    all.tasks.close();
  });
  return all;
}

async function ask({ questions, answers, tasks }: Queues, count: number): Promise<number[]> {
  for (let i = 0; i < count; i++) await questions.put(i);
  const got: number[] = [];
  for (let i = 0; i < count; i++) got.push(await answers.get());
  for (let i = 0; i < 10; i++) await tasks.put(i);
  await tasks.join();
  tasks.shutdown();
  return got;
}

const doubled = (count: number): number[] => Array.from({ length: count }, (_, i) => 2 * i);

describe.each(startMethods)('by %s: Queue, SimpleQueue and JoinableQueue', (method) => {
  test('come as arguments, through pipes and through queues', async () => {
    const things = queues(5);
    const { result } = await inProcess(method, answerToAll, things);
    // Not more than the queue has room for at once.
    const asked = ask(things, 20);
    expect(await asked).toEqual(doubled(20));
    expect(await result).toBe(10);
  });

  test('come in tasks of a pool', async () => {
    const things = queues();
    const pool = testPool(method, 2);
    const tasks = Promise.all([pool.apply(answer, [things, 10]), pool.apply(answer, [things, 10])]);
    const got = await ask(things, 20);
    expect(got.sort((a, b) => a - b)).toEqual(doubled(20));
    const [one, other] = await tasks;
    expect(one + other).toBe(10);
  });

  test('a killed getter takes nothing with it', async () => {
    const things = queues();
    const getter = await stuckProcess(method, getAndStay, things);
    await getter.kill();
    await things.questions.put(7);
    expect(await things.questions.get()).toBe(7);
  });

  test('what was put by a killed putter is there, and what waited for room is not', async () => {
    const things = queues(1);
    const putter = await stuckProcess(method, putAndStay, things);
    await putter.kill();
    expect(await things.questions.get()).toBe(1);
    expect(things.questions.empty()).toBe(true);
    await things.questions.put(3);
    expect(things.questions.getSync()).toBe(3);
  });

  test('join is told of a task whose worker was killed', async () => {
    const things = queues();
    await things.tasks.put(1);
    const worker = await stuckProcess(method, takeTaskAndStay, things);
    const joined = things.tasks.join().catch((error: unknown) => error);
    await worker.kill();
    expect(await joined).toBeInstanceOf(mp.TasksLostError);
    await things.tasks.join();
  });
});
