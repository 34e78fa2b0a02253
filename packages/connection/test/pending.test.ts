import { type Connection, waitSync } from '@mp/connection';
import { ClosedError } from '@mp/errors';
import { describe, expect, test } from 'vitest';
import { pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, fill, outcome, pattern, SMALL, testPipe } from './fixtures/pipes.ts';

// Many calls that wait on one connection.
checkConnectionLeaks();

test('those who wait for a message get the messages in the order of their calls', async () => {
  const [a, b] = testPipe();
  const received = Array.from({ length: 500 }, () => b.recv());
  for (let i = 0; i < 500; i++) await a.send(i);
  expect(await Promise.all(received)).toEqual(Array.from({ length: 500 }, (_, i) => i));
});

test('those who wait for different kinds of receiving are served in the order of their calls', async () => {
  const [a, b] = testPipe();
  const target = Buffer.alloc(6);
  const calls = [b.recv(), b.recvBytes(), b.recvBytesInto(target), b.recv(), b.recvBytes({ maxLength: 5 })] as const;
  a.sendSync('one');
  a.sendBytesSync(Buffer.from('two'));
  a.sendBytesSync(Buffer.from('three'));
  a.sendSync(['four']);
  a.sendBytesSync(Buffer.from('five'));
  expect(await calls[0]).toBe('one');
  expect(String(await calls[1])).toBe('two');
  expect([await calls[2], String(target)]).toEqual([5, 'three\0']);
  expect(await calls[3]).toEqual(['four']);
  expect(String(await calls[4])).toBe('five');
});

test('those who wait for room are served in the order of their calls', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  const full = fill(a);
  const settled: number[] = [];
  const sent = Array.from({ length: 300 }, (_, i) =>
    a.sendBytes(pattern((i * 97) % 1500, i)).then(() => settled.push(i)),
  );
  for (let i = 0; i < full; i++) await b.recvBytes();
  for (let i = 0; i < 300; i++) expect((await b.recvBytes()).equals(pattern((i * 97) % 1500, i))).toBe(true);
  await Promise.all(sent);
  expect(settled).toEqual(Array.from({ length: 300 }, (_, i) => i));
});

test('a small message does not overtake a large one that waits for room', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  const full = fill(a, 1000);
  const large = a.sendBytes(pattern(1000));
  // There is room for this one, if it were its turn.
  const small = a.sendBytes(Buffer.from('small'), { timeout: 60_000 });
  expect(await outcome(a.sendBytes(Buffer.from('in no time'), { timeout: 0 }))).toMatchObject({ name: 'TimeoutError' });
  for (let i = 0; i < full; i++) b.recvBytesSync();
  await large;
  await small;
  expect(b.recvBytesSync().length).toBe(1000);
  expect(String(b.recvBytesSync())).toBe('small');
});

test('one that gives up in the middle of the queue leaves its message, and its place, to the next', async () => {
  const [a, b] = testPipe();
  const controllers = Array.from({ length: 9 }, () => new AbortController());
  const received = controllers.map(({ signal }) => outcome(b.recv({ signal })));
  for (const gone of [0, 4, 8]) controllers[gone]!.abort();
  for (let i = 0; i < 6; i++) a.sendSync(i);
  const values = (await Promise.all(received)).map((value) => (value instanceof Error ? value.name : value));
  expect(values).toEqual(['AbortError', 0, 1, 2, 'AbortError', 3, 4, 5, 'AbortError']);
});

test('one that gives up while it waits for room has sent nothing', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  const full = fill(a);
  const controller = new AbortController();
  const first = a.send('first');
  const second = outcome(a.send('second', { signal: controller.signal }));
  const third = a.send('third');
  controller.abort();
  expect(await second).toMatchObject({ name: 'AbortError' });
  for (let i = 0; i < full; i++) b.recvBytesSync();
  await Promise.all([first, third]);
  expect([b.recvSync(), b.recvSync(), b.pollSync()]).toEqual(['first', 'third', false]);
});

test('the first that waits may give up while others wait behind it, and they go on', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  const full = fill(a, 1000);
  const first = outcome(a.sendBytes(pattern(1000), { timeout: 5 }));
  const second = a.sendBytes(Buffer.from('second'));
  expect(await first).toMatchObject({ name: 'TimeoutError' });
  for (let i = 0; i < full; i++) b.recvBytesSync();
  await second;
  expect(String(b.recvBytesSync())).toBe('second');
});

describe('both forms on one connection', () => {
  test('a blocking receive comes after those that wait already', async () => {
    const { ours } = pipeToPeer('echo');
    const first = ours.recv();
    const second = ours.recv();
    for (const message of ['one', 'two', 'three']) ours.sendSync(message);
    expect(ours.recvSync({ timeout: 50_000 })).toBe('three');
    expect([await first, await second]).toEqual(['one', 'two']);
  });

  test('a blocking send comes after those that wait already', async () => {
    const { ours } = pipeToPeer('countBytes', [], { capacity: SMALL });
    const sent: Promise<void>[] = [];
    for (let i = 0; i < 30; i++) sent.push(ours.sendBytes(pattern(500 + i)));
    ours.sendBytesSync(pattern(999), { timeout: 50_000 });
    const lengths: number[] = [];
    for (let i = 0; i < 31; i++) lengths.push(ours.recvSync({ timeout: 50_000 }));
    await Promise.all(sent);
    expect(lengths).toEqual([...Array.from({ length: 30 }, (_, i) => 500 + i), 999]);
  });

  test('who waits for a message in the event loop is not forgotten while the thread blocks in a send', async () => {
    // The peer says something as soon as it is waited for, and reads only afterwards.
    const { ours } = pipeToPeer('answerThenRead', [], { capacity: SMALL });
    const answer = ours.recv();
    for (let i = 0; i < 40; i++) ours.sendBytesSync(pattern(500), { timeout: 50_000 });
    expect(await answer).toBe('an answer');
  });

  test.each([
    ['a poll', (ours: Connection) => ours.pollSync({ timeout: 50_000 })],
    ['a wait', (ours: Connection) => waitSync([ours], { timeout: 50_000 })],
    ['a wait for something else', (ours: Connection) => waitSync([testPipe()[0], ours], { timeout: 50_000 })],
  ])('who waits for a message in the event loop is not forgotten while the thread blocks in %s', async (_, block) => {
    const { ours } = pipeToPeer('sayAndStay', ['a message', 'another']);
    const received = ours.recv();
    // The first message is not for this call.
    block(ours);
    expect(await received).toBe('a message');
    expect(ours.recvSync({ timeout: 0 })).toBe('another');
  });

  test('who waits for room in the event loop is not forgotten while the thread blocks in a receive', async () => {
    const { ours } = pipeToPeer('readThenAnswer', [], { capacity: SMALL });
    const full = fill(ours);
    const sent = ours.sendBytes(pattern(999));
    expect(ours.recvSync({ timeout: 50_000 })).toBe(full);
    await sent;
    expect(await ours.recv()).toBe(999);
  });

  test('a hundred conversations, the forms mixed at random', async () => {
    const { ours } = pipeToPeer('echo', [], { capacity: SMALL });
    const answers: unknown[] = [];
    const expected: unknown[] = [];
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48271) % 0x7fffffff;
      return seed / 0x7fffffff;
    };
    for (let i = 0; i < 100; i++) {
      const message = { i, body: 'x'.repeat(random() * 1500) };
      expected.push(message);
      const answer = random() < 0.5 ? ours.recv() : undefined;
      if (random() < 0.5) await ours.send(message);
      else ours.sendSync(message, { timeout: 50_000 });
      answers.push(answer === undefined ? ours.recvSync({ timeout: 50_000 }) : await answer);
    }
    expect(answers).toEqual(expected);
  });
});

test('closing answers all that wait, once each', async () => {
  const [a] = testPipe({ capacity: SMALL });
  fill(a);
  const waiting = Array.from({ length: 200 }, (_, i) => outcome<unknown>(i % 2 === 0 ? a.recv() : a.send(i)));
  a.close();
  for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(ClosedError);
});

test('ten thousand that wait cost no more than each its turn', async () => {
  const [a, b] = testPipe();
  const received = Array.from({ length: 10_000 }, () => b.recv());
  const sent = Array.from({ length: 10_000 }, (_, i) => a.send(i));
  await Promise.all(sent);
  expect((await Promise.all(received)).at(-1)).toBe(9_999);
});
