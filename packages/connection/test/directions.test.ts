import { type Connection, DirectionError, wait, waitSync } from '@mp/connection';
import { describe, expect, test } from 'vitest';
import { forms } from './fixtures/forms.ts';
import { checkConnectionLeaks, outcome, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

const bytes = Buffer.from('bytes');

/** Every way to send, and what each does when it may not. */
const sending: Record<string, (connection: Connection) => unknown> = {
  send: (connection) => connection.send(1),
  sendSync: (connection) => connection.sendSync(1),
  sendBytes: (connection) => connection.sendBytes(bytes),
  sendBytesSync: (connection) => connection.sendBytesSync(bytes),
};

const receiving: Record<string, (connection: Connection) => unknown> = {
  recv: (connection) => connection.recv(),
  recvSync: (connection) => connection.recvSync(),
  recvBytes: (connection) => connection.recvBytes(),
  recvBytesSync: (connection) => connection.recvBytesSync(),
  recvBytesInto: (connection) => connection.recvBytesInto(Buffer.alloc(9)),
  recvBytesIntoSync: (connection) => connection.recvBytesIntoSync(Buffer.alloc(9)),
  poll: (connection) => connection.poll(),
  pollSync: (connection) => connection.pollSync(),
  iteration: (connection) => connection[Symbol.asyncIterator]().next(),
  wait: (connection) => wait([connection], { timeout: 0 }),
  'wait for a while': (connection) => wait([connection], { timeout: 50 }),
  waitSync: (connection) => waitSync([connection], { timeout: 0 }),
};

/** The promise form rejects; the Sync form throws. Neither does the other's. */
async function refusal(name: string, call: () => unknown): Promise<unknown> {
  if (name.endsWith('Sync')) {
    try {
      return call();
    } catch (error) {
      return error;
    }
  }
  return outcome(call() as Promise<unknown>);
}

describe.each(forms)('in the $name form', ({ send, recv, sendBytes, recvBytes }) => {
  test('a two-way pipe carries messages both ways at once', async () => {
    const [a, b] = testPipe();
    await send(a, 'to b');
    await send(b, 'to a');
    await sendBytes(a, Buffer.from('bytes to b'));
    await sendBytes(b, Buffer.from('bytes to a'));
    expect([await recv(a), await recv(b)]).toEqual(['to a', 'to b']);
    expect([String(await recvBytes(a)), String(await recvBytes(b))]).toEqual(['bytes to a', 'bytes to b']);
  });

  test('a one-way pipe carries messages from the second end to the first', async () => {
    const [reader, writer] = testPipe({ duplex: false });
    await send(writer, { x: 1 });
    expect(await recv(reader)).toEqual({ x: 1 });
  });
});

test('the shape of a pipe may be given as in Python, as one boolean', () => {
  const ways = [testPipe(), testPipe(true), testPipe({}), testPipe({ duplex: true }), testPipe(false)].map((ends) =>
    ends.map(({ readable, writable }) => ({ readable, writable })),
  );
  const both = { readable: true, writable: true };
  const twoWay = [both, both];
  const oneWay = [
    { readable: true, writable: false },
    { readable: false, writable: true },
  ];
  expect(ways).toEqual([twoWay, twoWay, twoWay, twoWay, oneWay]);
});

describe('the reading end of a one-way pipe refuses to send', () => {
  test.each(Object.keys(sending))('%s', async (name) => {
    const [reader, writer] = testPipe(false);
    const error = await refusal(name, () => sending[name]!(reader));
    expect(error).toBeInstanceOf(DirectionError);
    expect(error).toMatchObject({ code: 'ERR_MP_DIRECTION', message: `${name}: this connection is read-only.` });
    writer.sendSync('unharmed');
    expect(reader.recvSync()).toBe('unharmed');
  });
});

describe('the writing end of a one-way pipe refuses to receive', () => {
  test.each(Object.keys(receiving))('%s', async (name) => {
    const [reader, writer] = testPipe(false);
    const error = await refusal(name, () => receiving[name]!(writer));
    expect(error).toBeInstanceOf(DirectionError);
    expect(error).toMatchObject({ code: 'ERR_MP_DIRECTION', message: expect.stringContaining('write-only') });
    writer.sendSync('unharmed');
    expect(reader.recvSync()).toBe('unharmed');
  });
});

describe('a capacity that is no power of two from 4 KiB to 1 GiB is refused, and leaves nothing', () => {
  test.each([0, -4096, 1, 2048, 4095, 4097, 6144, 1 << 31, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, 4096.5])(
    '%d',
    (capacity) => {
      expect(() => testPipe({ capacity })).toThrow(
        expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }),
      );
    },
  );

  test('a text', () => {
    expect(() => testPipe({ capacity: '4096' as never })).toThrow(RangeError);
  });
});

test.each([4096, 8192, 1 << 30])('a pipe may have rings of %d bytes', (capacity) => {
  const [a, b] = testPipe({ capacity });
  a.sendSync(capacity);
  expect(b.recvSync()).toBe(capacity);
});
