import { Pipe } from '@mp/connection';
import { ClosedError } from '@mp/errors';
import { QueueShutDownError } from '@mp/queues';
import { ModuleNotLoadedError, UnpicklingError } from '@mp/reduction';
import { checkLeaks, nodeChild } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { Broken, Meddler, meddle } from './fixtures/broken.ts';
import { outcome, testJoinableQueue, testQueue } from './queues.ts';

checkLeaks();

describe('a message that cannot be decoded', () => {
  test('is an error for one get, and the next one gets the next message', async () => {
    const queue = testQueue<unknown>();
    for (const value of [new Broken(), 1, [new Broken(), 'x'.repeat(100_000)], 2, new Broken()]) queue.putSync(value);
    expect(await outcome(queue.get())).toBeInstanceOf(UnpicklingError);
    expect(await queue.get()).toBe(1);
    expect(() => queue.getSync()).toThrow('broken for good');
    expect(queue.getSync()).toBe(2);
    expect(() => queue.getNowait()).toThrow(UnpicklingError);
    expect(queue.empty()).toBe(true);
  });

  test('counts as a task that is done', async () => {
    const queue = testJoinableQueue<unknown>();
    queue.putSync(new Broken());
    const join = queue.join();
    expect(await outcome(queue.get())).toBeInstanceOf(UnpicklingError);
    await join;
    expect(() => queue.taskDone()).toThrow('too many times');
  });
});

describe('code of the user in the middle of an operation', () => {
  test('may put while it is pickled', () => {
    const queue = testQueue<unknown>();
    const object = {
      get inner() {
        queue.putSync('from the getter');
        return 'x'.repeat(20);
      },
    };
    queue.putSync(object);
    const got: unknown[] = [];
    while (!queue.empty()) got.push(queue.getSync());
    expect(got.at(-1)).toEqual({ inner: 'x'.repeat(20) });
    expect(new Set(got.slice(0, -1))).toEqual(new Set(['from the getter']));
  });

  test('may close the queue while it is pickled', async () => {
    const queue = testQueue<unknown>();
    const object = {
      get inner() {
        queue.close();
        return 1;
      },
    };
    expect(await outcome(queue.put(object))).toBeInstanceOf(ClosedError);
  });

  test('may get and put while it is decoded', async () => {
    const queue = testQueue<unknown>();
    queue.putSync(new Meddler(0));
    queue.putSync('second');
    meddle(() => {
      queue.putSync('third');
      return queue.getSync();
    });
    expect(await queue.get()).toEqual(new Meddler('second'));
    expect(queue.getSync()).toBe('third');
  });

  test('may put elsewhere while a blocking put lets those get who wait in its own thread', async () => {
    const queue = testQueue<unknown>(1);
    const other = testQueue<unknown>();
    const first = queue.get();
    queue.putSync(new Meddler(0));
    meddle(() => other.putSync({ other: 'y'.repeat(60) }));
    const message = { mine: 'x'.repeat(60) };
    queue.putSync(message);
    expect(await first).toEqual(new Meddler(undefined));
    expect([queue.getSync(), other.getSync()]).toEqual([message, { other: 'y'.repeat(60) }]);
  });

  test.each([10, 50_000])('may close the queue while a blocking put of %i characters lets others get', async (size) => {
    const queue = testQueue<unknown>(1);
    const carrier = testQueue<typeof queue>();
    carrier.putSync(queue);
    const first = queue.get();
    queue.putSync(new Meddler(0));
    meddle(() => queue.close());
    expect(() => queue.putSync('x'.repeat(size))).toThrow(ClosedError);
    expect(await first).toEqual(new Meddler(undefined));
    const copy = carrier.getSync();
    expect(copy.empty()).toBe(true);
    copy.close();
  });

  test('may shut the queue down while it is decoded', async () => {
    const queue = testQueue<unknown>();
    queue.putSync(new Meddler(0));
    queue.putSync('second');
    meddle(() => queue.shutdown({ immediate: true }));
    expect(await queue.get()).toEqual(new Meddler(undefined));
    expect(await outcome(queue.get())).toBeInstanceOf(QueueShutDownError);
  });

  test.each(['get', 'getSync'] as const)('may close the queue while it is decoded by %s', async (method) => {
    const queue = testQueue<unknown>();
    const carrier = testQueue<typeof queue>();
    const pipe = Pipe();
    queue.putSync([new Meddler(0), pipe[0], 'x'.repeat(50_000)]);
    queue.putSync('second');
    carrier.putSync(queue);
    meddle(() => queue.close());
    const [meddler, end, text] = (await queue[method]()) as [Meddler, (typeof pipe)[0], string];
    expect([meddler, text.length, queue.closed]).toEqual([new Meddler(undefined), 50_000, true]);
    pipe[1].sendSync('the descriptors are good');
    expect(await end.recv()).toBe('the descriptors are good');
    // Nobody else gets it.
    const other = await carrier.get();
    expect([other.getSync(), other.empty()]).toEqual(['second', true]);
    for (const each of [...pipe, end, other]) each.close();
  });
});

test('code that closes the queue while a blocking get serves those who came first ends that, too', async () => {
  const queue = testQueue<unknown>();
  const carrier = testQueue<typeof queue>();
  carrier.putSync(queue);
  const first = outcome(queue.get());
  queue.putSync(new Meddler(0));
  meddle(() => queue.close());
  expect(() => queue.getSync()).toThrow(ClosedError);
  expect(await first).toEqual(new Meddler(undefined));
  carrier.getSync().close();
});

test('a message with more descriptors than can travel is refused, and nothing is put', async () => {
  const queue = testQueue<unknown>();
  const [a, b] = Pipe();
  // The same object travels once; 64 different ones do not.
  queue.putSync(Array.from({ length: 64 }, () => a));
  const pipes = Array.from({ length: 64 }, () => Pipe());
  expect(await outcome(queue.put(pipes.map(([end]) => end)))).toBeInstanceOf(RangeError);
  expect(() => queue.putSync(['x'.repeat(50_000), pipes.map(([end]) => end)])).toThrow(/at most 253/);
  expect(queue.qsize()).toBe(1);
  const copies = queue.getSync() as (typeof a)[];
  expect(new Set(copies).size).toBe(1);
  copies[0]?.close();
  for (const end of [a, b, ...pipes.flat()]) end.close();
});

test('a message whose module takes time to load is kept by getSync, and got by get', async () => {
  const { stdout, stderr, code } = await nodeChild({
    code: `
      import { Process } from '@mp/process';
      import { Queue } from '@mp/queues';
      import { putSlow } from './fixtures/put-slow-reference.ts';
      const queue = new Queue();
      const child = new Process({ target: putSlow, args: [queue] });
      await child.start();
      await child.join();
      for (let i = 0; i < 2; i++) {
        try {
          queue.getSync();
        } catch (error) {
          console.log(error.name);
        }
      }
      console.log(queue.empty(), (await queue.get()).n, await queue.get(), queue.getSync().n, queue.empty());
    `,
  });
  expect([stderr, code]).toEqual(['', 0]);
  expect(stdout).toBe(`${ModuleNotLoadedError.name}\n${ModuleNotLoadedError.name}\nfalse 1 next 2 true\n`);
});

test('a program that runs out of descriptors is told so, and can go on when it has closed some', async () => {
  const { stdout, code } = await nodeChild({
    code: `
      import { execFileSync } from 'node:child_process';
      import { Queue } from '@mp/queues';
      execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=100:100']);
      const queues = [];
      let failure;
      while (failure === undefined) {
        try {
          queues.push(new Queue());
        } catch (error) {
          failure = error.message.split('. ')[0];
        }
      }
      console.log(failure, queues.length > 10);
      const carrier = queues[0];
      carrier.putSync(queues[1]);
      try {
        carrier.getSync();
      } catch (error) {
        console.log(error.message.split('. ')[0]);
      }
      for (const queue of queues.splice(2)) queue.close();
      carrier.putSync(queues[1]);
      const copy = carrier.getSync();
      copy.putSync(1);
      console.log(queues[1].getSync());
    `,
  });
  const nothingLeft = '(EMFILE): this process has no file descriptor left';
  expect([stdout.split('\n'), code]).toEqual([
    [
      `No queue could be made ${nothingLeft} true`,
      `A message with 3 descriptors could not be received and is lost ${nothingLeft}`,
      '1',
      '',
    ],
    0,
  ]);
});

test('a queue is full, and nobody is killed, where the system allows only small files', async () => {
  const { stdout, code } = await nodeChild({
    code: `
      import { execFileSync } from 'node:child_process';
      import { Queue } from '@mp/queues';
      execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=100000000:100000000']);
      for (const size of [30_000, 1000]) {
        const queue = new Queue();
        const message = 'x'.repeat(size);
        let count = 0;
        try {
          for (;;) {
            queue.putNowait(message);
            count++;
          }
        } catch (error) {
          console.log(error.name, count > 500);
        }
        for (let i = 0; i < count; i++) if (queue.getNowait() !== message) throw new Error('damaged');
        queue.putNowait(message);
        console.log(queue.getNowait() === message, queue.empty());
      }
    `,
  });
  expect([stdout, code]).toEqual([`${'QueueFullError true\ntrue true\n'.repeat(2)}`, 0]);
});
