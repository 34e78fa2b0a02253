import { isDeepStrictEqual } from 'node:util';
import { Pipe } from '@mp/connection';
import { DeadlockError } from '@mp/errors';
import { type Queue, QueueShutDownError, TasksLostError } from '@mp/queues';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { Point } from './fixtures/point.ts';
import { Trap } from './fixtures/trap.ts';
import {
  answerThrough,
  dropTask,
  echo,
  echoSync,
  getStuck,
  muchToPut,
  putAndDie,
  putAndExit,
  putAndForget,
  putNumbers,
  putNumbersAsync,
  putPoint,
  sendOwnQueue,
  waitToGet,
  waitToPut,
  work,
} from './fixtures/workers.ts';
import { outcome, testJoinableQueue, testQueue, testSimpleQueue } from './queues.ts';
import { running } from './running.ts';
import { startMethods } from './start-methods.ts';

checkLeaks();

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A connection on which a child tells what it does, and the other end for the child. */
function told(): {
  ours: ReturnType<typeof Pipe<string>>[0];
  theirs: ReturnType<typeof Pipe<string>>[1];
  close(): void;
} {
  const [ours, theirs] = Pipe<string>();
  return {
    ours,
    theirs,
    close: () => {
      ours.close();
      theirs.close();
    },
  };
}

describe.each(startMethods)('by %s', (method) => {
  test('a process can be joined before what it has put is got, however much that is', async () => {
    const queue = testQueue<unknown>();
    const child = await running(method, { target: putAndForget, args: [queue] });
    await child.join();
    expect(child.exitCode).toBe(0);
    const values = muchToPut();
    expect(queue.qsize()).toBe(values.length);
    expect(values.every((value) => isDeepStrictEqual(queue.getSync(), value))).toBe(true);
  });

  test.each([
    ['calls process.exit', putAndExit, 3],
    ['is killed', putAndDie, -9],
  ] as const)('everything is there that was put by a process that %s', async (_, target, exitCode) => {
    const queue = testQueue<unknown>();
    const values = [1, 'x'.repeat(100_000), new Date(5), new Uint8Array(300_000).fill(3)];
    const child = await running(method, { target, args: [queue, values] });
    await child.join();
    expect(child.exitCode).toBe(exitCode);
    for (const value of values) expect(await queue.get()).toEqual(value);
    expect(queue.empty()).toBe(true);
  });

  test.each([
    ['putSync', putNumbers],
    ['put', putNumbersAsync],
  ])('messages come in the order of %s', async (_, target) => {
    const queue = testQueue<number>();
    const child = await running(method, { target, args: [queue, 3000] });
    for (let i = 0; i < 1500; i++) expect(await queue.get()).toBe(i);
    for (let i = 1500; i < 3000; i++) expect(queue.getSync()).toBe(i);
    await child.join();
    expect(queue.empty()).toBe(true);
  });

  test('a full queue holds up who puts, until somebody gets', async () => {
    const queue = testQueue<number>(3);
    const children = [
      await running(method, { target: putNumbers, args: [queue, 500] }),
      await running(method, { target: putNumbersAsync, args: [queue, 500] }),
    ];
    const seen: number[] = [];
    for (let i = 0; i < 1000; i++) {
      expect(queue.qsize()).toBeLessThanOrEqual(3);
      seen.push(await queue.get());
    }
    expect(seen.sort((a, b) => a - b)).toEqual(numbers(1000).map((i) => i >> 1));
    for (const child of children) await child.join();
  });

  test('several processes share the messages, and each message goes to one of them', async () => {
    const queue = testQueue<unknown>();
    const answers = testQueue<unknown>();
    const children = await Promise.all(numbers(3).map(() => running(method, { target: echo, args: [queue, answers] })));
    for (let i = 0; i < 300; i++) await queue.put(i);
    queue.shutdown();
    const got = await Promise.all(numbers(300).map(() => answers.get() as Promise<number>));
    expect(got.sort((a, b) => a - b)).toEqual(numbers(300));
    for (const child of children) await child.join();
    expect(answers.empty()).toBe(true);
  });

  test('a SimpleQueue goes both ways, in the blocking form', async () => {
    const queue = testSimpleQueue<unknown>();
    const answers = testSimpleQueue<unknown>();
    const child = await running(method, { target: echoSync, args: [queue, answers] });
    for (const value of [1, 'two', { three: new Map([[3, 'x'.repeat(50_000)]]) }]) {
      queue.putSync(value);
      expect(answers.getSync()).toEqual(value);
      await queue.put(value);
      expect(await answers.get()).toEqual(value);
    }
    expect(answers.empty()).toBe(true);
    await queue.put('stop');
    await child.join();
  });

  test('instances of classes travel', async () => {
    const queue = testQueue<Point>();
    await running(method, { target: putPoint, args: [queue] });
    const point = await queue.get();
    expect(point).toBeInstanceOf(Point);
    expect(point.x).toBe(11);
  });

  test('a queue can be sent through a queue, there and back', async () => {
    const queue = testQueue<Queue<string>>();
    const answers = testQueue<string>();
    await queue.put(answers);
    const child = await running(method, { target: answerThrough, args: [queue] });
    expect(await answers.get()).toBe(`from ${child.pid}`);
    await child.join();
    const other = await running(method, { target: sendOwnQueue, args: [queue] });
    const theirs = await queue.get();
    await other.join();
    expect(await theirs.get()).toBe('hello');
    theirs.close();
  });

  describe.each([
    ['blocking', true],
    ['promise', false],
  ])('%s form', (_, sync) => {
    test('a process that waits gets what is put', async () => {
      const queue = testQueue<unknown>();
      const { ours, theirs, close } = told();
      const child = await running(method, { target: waitToGet, args: [queue, sync, theirs] });
      expect(await ours.recv()).toBe('waiting');
      await queue.put({ hello: 'there' });
      expect(await ours.recv()).toEqual({ hello: 'there' });
      await child.join();
      close();
    });

    test('shutdown wakes processes that wait to get and to put', async () => {
      const queue = testQueue<unknown>();
      const full = testQueue<unknown>(1);
      full.putSync(0);
      const one = told();
      const other = told();
      const getter = await running(method, { target: waitToGet, args: [queue, sync, one.theirs] });
      const putter = await running(method, { target: waitToPut, args: [full, sync, other.theirs] });
      expect([await one.ours.recv(), await other.ours.recv()]).toEqual(['waiting', 'waiting']);
      queue.shutdown();
      full.shutdown();
      expect([await one.ours.recv(), await other.ours.recv()]).toEqual(['QueueShutDownError', 'QueueShutDownError']);
      await getter.join();
      await putter.join();
      one.close();
      other.close();
    });

    test('a killed waiter takes nothing with it', async () => {
      const queue = testQueue<unknown>();
      const { ours, theirs, close } = told();
      const child = await running(method, { target: waitToGet, args: [queue, sync, theirs] });
      await ours.recv();
      child.kill();
      await child.join();
      for (let i = 0; i < 10; i++) queue.putSync(i);
      for (let i = 0; i < 10; i++) expect(queue.getSync()).toBe(i);
      close();
    });
  });

  test.each([
    ['small', 5],
    ['large', new Uint8Array(200_000).fill(5)],
  ])('a %s message whose getter is killed while it decodes it goes to another', async (_, payload) => {
    const queue = testQueue<unknown>();
    const { ours, theirs, close } = told();
    await queue.put(new Trap(payload));
    await queue.put('next');
    const child = await running(method, { target: getStuck, args: [queue, theirs] });
    expect(await ours.recv()).toBe('stuck');
    // Others go on meanwhile.
    expect(await queue.get()).toBe('next');
    const waiting = queue.get();
    expect(queue.empty()).toBe(true);
    child.kill();
    await child.join();
    expect(await waiting).toEqual(new Trap(payload));
    expect([queue.empty(), queue.qsize()]).toEqual([true, 0]);
    close();
  });

  test('a message with descriptors is lost with its getter, and the next one is told', async () => {
    const queue = testQueue<unknown>();
    const { ours, theirs, close } = told();
    await queue.put(new Trap(ours));
    const child = await running(method, { target: getStuck, args: [queue, theirs] });
    expect(await ours.recv()).toBe('stuck');
    child.kill();
    await child.join();
    expect(await outcome(queue.get())).toMatchObject({
      code: 'EPIPE',
      message: expect.stringContaining('descriptors'),
    });
    expect(queue.empty()).toBe(true);
    close();
  });

  test.each(['get', 'put', 'join'] as const)('a blocking %s ends when everybody else is dead', async (what) => {
    const queue = testJoinableQueue<number>(1);
    queue.putSync(1);
    if (what === 'get') queue.getSync();
    const { ours, theirs, close } = told();
    const child = await running(method, { target: waitToGet, args: [testQueue(), true, theirs, queue] });
    await ours.recv();
    child.kill();
    const call = { get: () => queue.getSync(), put: () => queue.putSync(2), join: () => queue.joinSync() }[what];
    expect(call).toThrow(DeadlockError);
    close();
  });

  test('join waits for the tasks of several processes', async () => {
    const tasks = testJoinableQueue<number>();
    const results = testQueue<number>();
    const children = await Promise.all(numbers(2).map(() => running(method, { target: work, args: [tasks, results] })));
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 100; i++) await tasks.put(i);
      if (round === 1) tasks.joinSync();
      else await tasks.join();
      expect([tasks.qsize(), results.qsize()]).toEqual([0, 100]);
      for (let i = 0; i < 100; i++) results.getSync();
    }
    tasks.shutdown();
    for (const child of children) await child.join();
    expect(await outcome(tasks.put(1))).toBeInstanceOf(QueueShutDownError);
  });

  test.each(['exit', 'kill', 'close'] as const)(
    'join tells that a worker had a task when it was gone: by %s',
    async (how) => {
      const tasks = testJoinableQueue<number>();
      for (let i = 0; i < 3; i++) await tasks.put(i);
      const joins = [outcome(tasks.join()), outcome(tasks.join())];
      const child = await running(method, { target: dropTask, args: [tasks, how] });
      for (const error of await Promise.all(joins)) {
        expect(error).toBeInstanceOf(TasksLostError);
        expect(error).toMatchObject({ count: 1, pid: child.pid, code: 'ERR_MP_TASKS_LOST' });
      }
      // The lost task counts as done; one is left.
      const join = tasks.join();
      expect(await tasks.get()).toBe(2);
      tasks.taskDone();
      await join;
      await child.join();
    },
  );

  test('a task whose getter is killed while it decodes it is not lost but handed on', async () => {
    const tasks = testJoinableQueue<unknown>();
    const { ours, theirs, close } = told();
    await tasks.put(new Trap(1));
    const child = await running(method, { target: getStuck, args: [tasks, theirs] });
    await ours.recv();
    const join = tasks.join();
    child.kill();
    await child.join();
    expect(await tasks.get()).toEqual(new Trap(1));
    tasks.taskDone();
    await join;
    close();
  });
});

describe.each(startMethods.filter((method) => method === 'fork'))('by %s', (method) => {
  test('what the parent waits for is none of the child', async () => {
    const queue = testQueue<unknown>();
    const full = testQueue<unknown>(1);
    full.putSync('first');
    const got = queue.get();
    const puts = [full.put('x'.repeat(50_000)), full.put(new Map([[1, 2]]))];
    const child = await running(method, {
      target: () => {
        // Nothing is in it that the child could have put, and nobody gets before us.
        queue.putSync([full.qsize(), full.getSync()]);
        queue.putSync('bye');
      },
    });
    expect(await got).toEqual([1, 'first']);
    await child.join();
    expect(child.exitCode).toBe(0);
    expect(await queue.get()).toBe('bye');
    expect([await full.get(), await full.get()]).toEqual(['x'.repeat(50_000), new Map([[1, 2]])]);
    await Promise.all(puts);
    expect([queue.empty(), full.empty()]).toEqual([true, true]);
  });

  test('a queue that only a killed fork had, too, is ours alone again', async () => {
    const queue = testQueue<number>();
    const { ours, theirs, close } = told();
    const child = await running(method, { target: waitToGet, args: [queue, true, theirs] });
    expect(await ours.recv()).toBe('waiting');
    child.kill();
    await child.join();
    expect(() => queue.getSync()).toThrow(DeadlockError);
    close();
  });
});
