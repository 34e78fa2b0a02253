import { checkLeaks, collectUntil, nodeChild, startNode } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';
import {
  closeDescriptor,
  createDoorbell,
  createMemory,
  HANGUP,
  PollHandle,
  READABLE,
  receiveDescriptors,
  ringDoorbell,
  sendDescriptors,
  silenceDoorbell,
  WRITABLE,
} from '../src/index.ts';
import { closedAfterTest, targetsOf, testSocketPair } from './descriptors.ts';

checkLeaks();

/** A handle that remembers what it was called with, and can be waited for. */
function testHandle(
  fd: number,
  options?: { drain?: boolean },
): { handle: PollHandle; calls: number[]; next: () => Promise<number> } {
  const calls: number[] = [];
  let called = Promise.withResolvers<number>();
  const handle = new PollHandle(
    fd,
    (events) => {
      calls.push(events);
      called.resolve(events);
      called = Promise.withResolvers<number>();
    },
    options,
  );
  onTestFinished(() => handle.close());
  return { handle, calls, next: () => called.promise };
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

test('it calls back when the descriptor is ready, and not before', async () => {
  const bell = closedAfterTest(createDoorbell());
  const { handle, calls, next } = testHandle(bell);
  expect(handle.active).toBe(false);
  handle.start(READABLE);
  expect(handle.active).toBe(true);
  await turns(3);
  expect(calls).toEqual([]);
  ringDoorbell(bell);
  expect(await next()).toBe(READABLE);
});

test('it calls in every turn until the descriptor is read, or silenced by drain', async () => {
  const [plain, drained] = [closedAfterTest(createDoorbell()), closedAfterTest(createDoorbell())];
  const a = testHandle(plain);
  const b = testHandle(drained, { drain: true });
  a.handle.start(READABLE);
  b.handle.start(READABLE);
  ringDoorbell(plain);
  ringDoorbell(drained);
  await b.next();
  expect(silenceDoorbell(drained)).toBe(false);
  await turns(5);
  expect(a.calls.length).toBeGreaterThan(2);
  expect(b.calls.length).toBe(1);
  ringDoorbell(drained);
  await b.next();
  expect(b.calls.length).toBe(2);
});

test('stopped it is quiet; started again it goes on', async () => {
  const bell = closedAfterTest(createDoorbell());
  const { handle, calls, next } = testHandle(bell, { drain: true });
  handle.start(READABLE);
  handle.stop();
  handle.stop();
  expect(handle.active).toBe(false);
  ringDoorbell(bell);
  await turns(3);
  expect(calls).toEqual([]);
  handle.start(READABLE);
  await next();
});

test('it can be stopped and closed from within its callback', async () => {
  const bell = closedAfterTest(createDoorbell());
  let calls = 0;
  const stopping = new PollHandle(bell, () => {
    calls++;
    stopping.stop();
  });
  stopping.start(READABLE);
  const closing = new PollHandle(bell, () => {
    calls++;
    closing.close();
  });
  closing.start(READABLE);
  ringDoorbell(bell);
  await turns(5);
  expect(calls).toBe(2);
  stopping.close();
});

test('what it watches for can be changed while it is started', async () => {
  const [a, b] = testSocketPair();
  const { handle, next } = testHandle(a);
  handle.start(READABLE);
  handle.start(WRITABLE);
  expect(await next()).toBe(WRITABLE);
  handle.start(READABLE);
  sendDescriptors(b, 1, []);
  expect(await next()).toBe(READABLE);
});

test('it tells of a hang-up', async () => {
  const [a, b] = testSocketPair();
  const { handle, next } = testHandle(b);
  handle.start(HANGUP);
  closeDescriptor(a);
  expect(await next()).toBe(HANGUP);
});

test('it goes on after the peer died with unread packets', async () => {
  const [a, b] = testSocketPair();
  const { handle, next } = testHandle(b);
  handle.start(READABLE | HANGUP);
  sendDescriptors(a, 7, []);
  sendDescriptors(b, 1, []); // Unread by the other end, so that it ends with an error.
  closeDescriptor(a);
  expect(await next()).toBe(READABLE | HANGUP);
  expect(handle.active).toBe(true);
  expect(receiveDescriptors(b)).toEqual({ tag: 7, descriptors: [] });
  expect(await next()).toBe(READABLE | HANGUP);
  expect(receiveDescriptors(b)).toBe('closed');
});

test('several handles watch one descriptor', async () => {
  const bell = closedAfterTest(createDoorbell());
  const handles = Array.from({ length: 5 }, () => testHandle(bell));
  for (const { handle } of handles) handle.start(READABLE);
  ringDoorbell(bell);
  await Promise.all(handles.map(({ next }) => next()));
  expect(handles.every(({ calls }) => calls[0] === READABLE)).toBe(true);
});

test('the descriptor may be closed first, and its number be used again', async () => {
  const bell = createDoorbell();
  const { handle, calls } = testHandle(bell);
  handle.start(READABLE);
  closeDescriptor(bell);
  const another = closedAfterTest(createDoorbell());
  expect(another).toBe(bell);
  ringDoorbell(another);
  await turns(3);
  expect(calls).toEqual([]);
  handle.stop();
  handle.start(READABLE);
  await turns(3);
  handle.close();
});

test('a closed handle is closed for good, and gives its descriptor back at once', () => {
  const bell = closedAfterTest(createDoorbell());
  const before = targetsOf(process.pid).length;
  const handle = new PollHandle(bell, () => {});
  expect(targetsOf(process.pid).length).toBe(before + 1);
  handle.start(READABLE);
  handle.close();
  handle.close();
  handle.stop();
  handle.ref();
  handle.unref();
  expect(targetsOf(process.pid).length).toBe(before);
  expect(handle.active).toBe(false);
  expect(() => handle.start(READABLE)).toThrow(expect.objectContaining({ code: 'ERR_MP_CLOSED' }));
});

test('promise jobs and nextTicks run after each call', async () => {
  const bell = closedAfterTest(createDoorbell());
  const order: string[] = [];
  const done = Promise.withResolvers<void>();
  const handle = new PollHandle(bell, () => {
    order.push('call');
    process.nextTick(() => order.push('tick'));
    queueMicrotask(() => order.push('job'));
    handle.stop();
    setImmediate(() => {
      order.push('immediate');
      done.resolve();
    });
  });
  handle.start(READABLE);
  ringDoorbell(bell);
  await done.promise;
  expect(order).toEqual(['call', 'tick', 'job', 'immediate']);
  handle.close();
});

test('an error of the callback is an uncaught exception, and the loop goes on', async () => {
  const code = `
    import { createDoorbell, PollHandle, READABLE, ringDoorbell } from '../src/index.ts';
    const bell = createDoorbell();
    let calls = 0;
    process.on('uncaughtException', (error, origin) => console.log(error.message, origin));
    const handle = new PollHandle(bell, () => {
      if (++calls === 2) return handle.close();
      throw new Error('from the callback');
    });
    handle.start(READABLE);
    ringDoorbell(bell);`;
  expect(await nodeChild({ code })).toMatchObject({
    stdout: 'from the callback uncaughtException\n',
    stderr: '',
    code: 0,
  });
  const uncaught = await nodeChild({ code: code.replace(/process\.on.*/, '') });
  expect(uncaught.code).toBe(1);
  expect(uncaught.stderr).toContain('Error: from the callback');
});

test('a started handle keeps the process alive until it is unref’d, stopped or closed', async () => {
  const code = (last: string): string => `
    import { createDoorbell, PollHandle, READABLE } from '../src/index.ts';
    const handle = new PollHandle(createDoorbell(), () => {});
    globalThis.kept = handle;
    ${last}
    console.log('end of the script');`;
  for (const last of [
    '',
    'handle.start(READABLE); handle.unref();',
    'handle.unref(); handle.start(READABLE);',
    'handle.start(READABLE); handle.stop();',
    'handle.start(READABLE); handle.close();',
  ]) {
    expect(await nodeChild({ code: code(last) })).toMatchObject({ stdout: 'end of the script\n', code: 0, stderr: '' });
  }
  const alive = startNode({ code: code('handle.start(READABLE); handle.unref(); handle.ref();') });
  await alive.says('end of the script');
  alive.kill('SIGTERM');
  expect((await alive.ended).signal).toBe('SIGTERM');
});

test('a handle that is stopped and forgotten is closed by collection; a started one is not', async () => {
  const bell = closedAfterTest(createDoorbell());
  const before = targetsOf(process.pid).length;
  let calls = 0;
  // Two functions: callbacks of one function keep each other's variables alive.
  const forgetStopped = (): void => {
    const stopped: PollHandle = new PollHandle(bell, () => stopped.stop());
    stopped.start(READABLE);
    stopped.stop();
  };
  const forgetStarted = (): void => {
    const started: PollHandle = new PollHandle(bell, () => {
      calls++;
      started.close();
    });
    started.start(READABLE);
  };
  forgetStopped();
  forgetStarted();
  expect(targetsOf(process.pid).length).toBe(before + 2);
  await collectUntil(() => targetsOf(process.pid).length === before + 1);
  ringDoorbell(bell);
  await turns(3);
  expect(calls).toBe(1);
});

test('what epoll cannot watch is an error, and leaves no descriptor', () => {
  const memory = closedAfterTest(createMemory(1));
  const before = targetsOf(process.pid).length;
  expect(() => new PollHandle(memory, () => {})).toThrow(expect.objectContaining({ code: 'EPERM', fd: memory }));
  expect(() => new PollHandle(1_000_000, () => {})).toThrow(expect.objectContaining({ code: 'EBADF', fd: 1_000_000 }));
  expect(targetsOf(process.pid).length).toBe(before);
});
