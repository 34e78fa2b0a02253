import { type Connection, wait } from '@mp/connection';
import { ClosedError, EOFError } from '@mp/errors';
import { describe, expect, test } from 'vitest';
import { segmentPool } from '../src/segment/pool.ts';
import { forms } from './fixtures/forms.ts';
import { checkConnectionLeaks, fill, outcome, SMALL, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

const room = Buffer.alloc(10);

const operations: Record<string, (connection: Connection) => unknown> = {
  send: (connection) => connection.send(1),
  sendSync: (connection) => connection.sendSync(1),
  sendBytes: (connection) => connection.sendBytes(room),
  sendBytesSync: (connection) => connection.sendBytesSync(room),
  recv: (connection) => connection.recv(),
  recvSync: (connection) => connection.recvSync(),
  recvBytes: (connection) => connection.recvBytes(),
  recvBytesSync: (connection) => connection.recvBytesSync(),
  recvBytesInto: (connection) => connection.recvBytesInto(room),
  recvBytesIntoSync: (connection) => connection.recvBytesIntoSync(room),
  poll: (connection) => connection.poll(),
  pollSync: (connection) => connection.pollSync(),
  fileno: (connection) => connection.fileno(),
  iteration: (connection) => connection[Symbol.asyncIterator]().next(),
};

const isPromiseForm = (name: string): boolean => !name.endsWith('Sync') && name !== 'fileno';

describe('a closed connection refuses', () => {
  test.each(Object.keys(operations))('%s', async (name) => {
    const [a, b] = testPipe();
    b.sendSync('unread');
    a.close();
    let error: unknown;
    if (isPromiseForm(name)) error = await outcome(operations[name]!(a) as Promise<unknown>);
    else {
      try {
        operations[name]!(a);
      } catch (thrown) {
        error = thrown;
      }
    }
    expect(error).toBeInstanceOf(ClosedError);
    const method = name === 'iteration' ? 'recv' : name;
    expect(error).toMatchObject({
      code: 'ERR_MP_CLOSED',
      message: `${method}: this connection was closed by this process.`,
    });
  });
});

test('closing twice, and in every way, does nothing more', () => {
  const [a, b] = testPipe();
  a.close();
  a.close();
  a[Symbol.dispose]();
  expect(a.closed).toBe(true);
  expect(() => b.recvSync()).toThrow(EOFError);
  expect(() => b.recvSync()).toThrow(EOFError);
});

test('closing twice does not close a descriptor that somebody else has opened since', () => {
  const [a] = testPipe();
  a.close();
  const [c, d] = testPipe();
  a.close();
  c.sendSync('still open');
  expect(d.recvSync()).toBe('still open');
});

test('a connection is disposed of by closing it, so that `using` closes it at the end of its block', () => {
  const [first, b] = testPipe();
  first.sendSync('last');
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(first.closed).toBe(true);
  expect(b.recvSync()).toBe('last');
  expect(() => b.recvSync()).toThrow(EOFError);
});

const waiting: Record<string, (connection: Connection) => Promise<unknown>> = {
  recv: (connection) => connection.recv(),
  'recv with a time-out': (connection) => connection.recv({ timeout: 60_000 }),
  'recv with a signal': (connection) => connection.recv({ signal: new AbortController().signal }),
  recvBytes: (connection) => connection.recvBytes(),
  recvBytesInto: (connection) => connection.recvBytesInto(room),
  poll: (connection) => connection.poll({ timeout: 60_000 }),
  'poll for ever': (connection) => connection.poll({ timeout: Number.POSITIVE_INFINITY }),
  iteration: (connection) => connection[Symbol.asyncIterator]().next(),
  send: (connection) => connection.send(1),
  'send of an object that does not fit in the ring': (connection) => connection.send('x'.repeat(100_000)),
  sendBytes: (connection) => connection.sendBytes(room),
};

describe('closing ends with a ClosedError whoever waits:', () => {
  test.each(Object.keys(waiting))('%s', async (name) => {
    const [a] = testPipe({ capacity: SMALL });
    if (name.startsWith('send')) fill(a, 1);
    const operation = outcome(waiting[name]!(a));
    await new Promise(setImmediate);
    a.close();
    const error = await operation;
    expect(error).toBeInstanceOf(ClosedError);
    expect((error as Error).message).toContain('closed');
  });

  test('all of many, in both directions', async () => {
    const [a] = testPipe({ capacity: SMALL });
    fill(a, 1);
    const operations = [1, 2, 3].flatMap(() => [outcome(a.recv()), outcome(a.send(1)), outcome(a.recvBytes())]);
    a.close();
    expect((await Promise.all(operations)).every((error) => error instanceof ClosedError)).toBe(true);
  });
});

test('wait returns a connection that is closed meanwhile: nothing will ever come from it', async () => {
  const [a] = testPipe();
  const ready = wait([a]);
  a.close();
  expect(await ready).toEqual([a]);
  expect(await wait([a])).toEqual([a]);
});

test('a message that waits for room when its connection is closed gives back its memory', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  fill(a, 1);
  const before = segmentPool.statistics();
  const sent = outcome(a.send(new Uint8Array(300_000)));
  a.close();
  expect(await sent).toBeInstanceOf(ClosedError);
  const { segments, freeBytes, bytes } = segmentPool.statistics();
  expect({ segments, inUse: bytes - freeBytes }).toEqual({ segments: before.segments + 1, inUse: 0 });
  b.close();
});

describe.each(forms)('in the $name form', ({ recv, poll }) => {
  test('what was sent before the other end was closed is received, then the end', async () => {
    const [a, b] = testPipe();
    for (let i = 0; i < 10; i++) a.sendSync(i);
    a.sendSync(new Uint8Array(200_000).fill(7));
    a.close();
    for (let i = 0; i < 10; i++) expect(await recv(b)).toBe(i);
    expect(await recv(b)).toEqual(new Uint8Array(200_000).fill(7));
    expect(await poll(b)).toBe(true);
    await expect(recv(b)).rejects.toThrow(EOFError);
  });

  test('closing an end with unread messages harms nobody', async () => {
    const [a, b] = testPipe();
    for (let i = 0; i < 10; i++) a.sendSync({ i });
    a.sendSync(new Uint8Array(200_000));
    b.close();
    await expect(recv(a)).rejects.toThrow(EOFError);
  });
});

test('an object that closes the connection while it is pickled is not sent, and the error says why', async () => {
  const hostile = (connection: Connection): object => ({
    get x() {
      connection.close();
      return 1;
    },
  });
  const [a] = testPipe();
  expect(await outcome(a.send(hostile(a)))).toBeInstanceOf(ClosedError);
  const [b, other] = testPipe();
  expect(() => b.sendSync(hostile(b))).toThrow(ClosedError);
  expect(() => other.recvSync()).toThrow(EOFError);
});
