import { type Connection, wait, waitSync } from '@mp/connection';
import { TimeoutError } from '@mp/errors';
import { describe, expect, test } from 'vitest';
import { startPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, fill, outcome, SMALL, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

interface Timed {
  /** What the error calls it, and what was waited for. */
  readonly method: string;
  readonly awaited: RegExp;
  call(connection: Connection, timeout: number): unknown;
}

const bytes = Buffer.alloc(500);
const receiving = /a message did not come within/;
const sending = /room for the message did not come within/;

const operations: Timed[] = [
  { method: 'recv', awaited: receiving, call: (c, timeout) => c.recv({ timeout }) },
  { method: 'recvSync', awaited: receiving, call: (c, timeout) => c.recvSync({ timeout }) },
  { method: 'recvBytes', awaited: receiving, call: (c, timeout) => c.recvBytes({ timeout }) },
  { method: 'recvBytesSync', awaited: receiving, call: (c, timeout) => c.recvBytesSync({ timeout }) },
  { method: 'recvBytesInto', awaited: receiving, call: (c, timeout) => c.recvBytesInto(bytes, { timeout }) },
  { method: 'recvBytesIntoSync', awaited: receiving, call: (c, timeout) => c.recvBytesIntoSync(bytes, { timeout }) },
  { method: 'send', awaited: sending, call: (c, timeout) => c.send('x'.repeat(500), { timeout }) },
  { method: 'sendSync', awaited: sending, call: (c, timeout) => c.sendSync('x'.repeat(500), { timeout }) },
  { method: 'sendBytes', awaited: sending, call: (c, timeout) => c.sendBytes(bytes, { timeout }) },
  { method: 'sendBytesSync', awaited: sending, call: (c, timeout) => c.sendBytesSync(bytes, { timeout }) },
];

/** An end that nothing comes to and that has no room to send; its peer is the second. */
function stuck(): [Connection, Connection] {
  const [a, b] = testPipe({ capacity: SMALL });
  fill(a);
  return [a, b];
}

const attempt = (call: () => unknown): Promise<unknown> => outcome((async () => call())());

describe.each(operations)('$method', ({ method, awaited, call }) => {
  test.each([0, -1, -1e9, Number.NEGATIVE_INFINITY])('does not wait at all with %d', async (timeout) => {
    const [a] = stuck();
    const begin = performance.now();
    const error = await attempt(() => call(a, timeout));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'ERR_MP_TIMEOUT', timeout: 0, message: expect.stringMatching(awaited) });
    expect((error as Error).message.startsWith(`${method}: `)).toBe(true);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  test('gives up when its time is over, and says after how long', async () => {
    const [a] = stuck();
    const begin = performance.now();
    const error = await attempt(() => call(a, 20));
    expect(error).toMatchObject({
      name: 'TimeoutError',
      timeout: 20,
      message: expect.stringContaining('within 20 ms'),
    });
    expect(performance.now() - begin).toBeGreaterThanOrEqual(19);
  });

  test.each([Number.NaN, 'soon', null, {}, true])('refuses to wait for %s', async (timeout) => {
    const [a, b] = stuck();
    const error = await attempt(() => call(a, timeout as never));
    expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    expect((error as Error).message).toContain('timeout');
    // Nothing was sent, nothing taken.
    b.sendSync(1);
    expect(a.recvSync()).toBe(1);
  });

  test('takes and sends nothing when it gives up, and may be called again', async () => {
    const [a, b] = stuck();
    const before = await attempt(() => call(a, 1));
    expect(before).toBeInstanceOf(TimeoutError);
    if (method.startsWith('send')) {
      while (b.pollSync()) expect(b.recvBytesSync()).toHaveLength(500);
      await attempt(() => call(a, 1));
      const value = method.includes('Bytes') ? b.recvBytesSync() : b.recvSync();
      expect(value).toHaveLength(500);
    } else if (method.includes('Bytes')) {
      b.sendBytesSync(Buffer.from('abc'));
      const value = await attempt(() => call(a, 1));
      expect(typeof value === 'number' ? value : (value as Buffer).length).toBe(3);
    } else {
      b.sendSync('abc');
      expect(await attempt(() => call(a, 1))).toBe('abc');
    }
  });
});

describe.each([
  ['wait', wait],
  ['waitSync', async (objects: Connection[], options: { timeout: number }) => waitSync(objects, options)],
])('%s', (_, waitFor) => {
  test.each([0, -1, Number.NEGATIVE_INFINITY, 10])('returns nothing when %d ms are over', async (timeout) => {
    const [a, b] = testPipe();
    expect(await waitFor([a, b], { timeout })).toEqual([]);
  });

  test.each([Number.NaN, 'soon', null])('refuses to wait for %s', async (timeout) => {
    const [a] = testPipe();
    expect(await attempt(() => waitFor([a], { timeout: timeout as never }))).toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
});

describe('a time-out that is longer than a timer can be means for ever:', () => {
  test.each([2 ** 31, 1e15, Number.MAX_VALUE, Number.POSITIVE_INFINITY])('%d', async (timeout) => {
    const [a, b] = testPipe({ capacity: SMALL });
    const received = b.recv({ timeout });
    const polled = b.poll({ timeout });
    const ready = wait([b], { timeout });
    await new Promise(setImmediate);
    a.sendSync(1);
    a.sendSync(2);
    expect(await received).toBe(1);
    expect(await polled).toBe(true);
    expect(await ready).toEqual([b]);
    fill(a);
    const sent = a.send('x'.repeat(500), { timeout });
    while (b.pollSync()) b.recvBytesSync();
    await sent;
  });

  test('in the Sync form, too', async () => {
    const [ours, theirs] = testPipe();
    startPeer('sayAndStay', [theirs], ['one', 'two']);
    expect(ours.recvSync({ timeout: 1e15 })).toBe('one');
    expect(waitSync([ours], { timeout: Number.MAX_VALUE })).toEqual([ours]);
    expect(ours.pollSync({ timeout: 2 ** 32 })).toBe(true);
    expect(ours.recvSync({ timeout: 2 ** 31 })).toBe('two');
  });
});

test('a message that came while the event loop was busy is not lost to the time-out', async () => {
  const [ours, theirs] = testPipe();
  const peer = startPeer('sayAndStay', [theirs], ['in time']);
  const received = ours.recv({ timeout: 1 });
  // The time is over long before the loop turns again, but the message is there by then.
  while (!ours.transport.hasMessage()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  expect(await received).toBe('in time');
  await peer.says('ready');
});

test('many that wait with different time-outs each give up at their own', async () => {
  const [a, b] = testPipe();
  const order: number[] = [];
  const waits = [40, 20, 1, 30, 10].map((timeout) =>
    outcome(b.recv({ timeout })).then((error) => {
      expect(error).toMatchObject({ name: 'TimeoutError', timeout });
      order.push(timeout);
    }),
  );
  const last = b.recv();
  await Promise.all(waits);
  // In one late turn of the loop several may be over at once; none comes before one that was shorter by a turn.
  expect(order).toHaveLength(5);
  a.sendSync('for the last');
  expect(await last).toBe('for the last');
});
