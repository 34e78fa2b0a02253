import { waitSync } from '@mp/connection';
import { AbortError, ClosedError, DeadlockError, TimeoutError } from '@mp/errors';
import { dumps, PicklingError } from '@mp/reduction';
import { describe, expect, test } from 'vitest';
import { startPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, fill, pattern, SMALL, testPipe } from './fixtures/pipes.ts';

// A thread that blocks until it does something itself would block for ever.
checkConnectionLeaks();

const forEver = [undefined, {}, { timeout: undefined }, { timeout: Number.POSITIVE_INFINITY }];

describe.each(forEver)('waiting for ever, with %o, for what only this thread can do is an error:', (options) => {
  test('recvSync', () => {
    const [, b] = testPipe();
    expect(() => b.recvSync(options)).toThrow(DeadlockError);
    expect(() => b.recvSync(options)).toThrow(
      expect.objectContaining({ code: 'ERR_MP_DEADLOCK', message: expect.stringContaining('recvSync would wait') }),
    );
  });

  test('recvBytesSync', () => {
    const [, b] = testPipe();
    expect(() => b.recvBytesSync(options)).toThrow(DeadlockError);
    expect(() => b.recvBytesIntoSync(Buffer.alloc(1), options)).toThrow(DeadlockError);
  });

  test('sendSync', () => {
    const [a, b] = testPipe({ capacity: SMALL });
    fill(a, 1);
    expect(() => a.sendSync('x', options)).toThrow(DeadlockError);
    expect(() => a.sendSync(new Uint8Array(300_000), options)).toThrow(DeadlockError);
    expect(() => a.sendBytesSync(pattern(500), options)).toThrow(DeadlockError);
    // Nothing of it was sent, and nothing is lost.
    let messages = 0;
    for (; b.pollSync(); messages++) expect(b.recvBytesSync()).toHaveLength(1);
    expect(messages).toBeGreaterThan(100);
  });

  test('waitSync', () => {
    const [a, b] = testPipe();
    const [c, d] = testPipe();
    expect(() => waitSync([b], options)).toThrow(DeadlockError);
    expect(() => waitSync([a, b, c, d], options)).toThrow(DeadlockError);
    d.sendSync(1);
    expect(waitSync([a, b, c, d], options)).toEqual([c]);
  });
});

test('pollSync for ever', () => {
  const [, b] = testPipe();
  expect(() => b.pollSync({ timeout: Number.POSITIVE_INFINITY })).toThrow(DeadlockError);
});

test('also when a copy of the other end was to be sent, and was not', async () => {
  const [a, b] = testPipe();
  const [x] = testPipe({ capacity: SMALL });
  await expect(x.send([b, () => {}])).rejects.toThrow(PicklingError);
  expect(() => x.sendSync([b, () => {}])).toThrow(PicklingError);
  expect(() => dumps(b)).toThrow(PicklingError);
  fill(x, 1);
  const controller = new AbortController();
  const aborted = x.send(b, { signal: controller.signal });
  await expect(x.send(b, { timeout: 0 })).rejects.toThrow(TimeoutError);
  await expect(x.send(b, { timeout: 1 })).rejects.toThrow(TimeoutError);
  expect(() => x.sendSync(b, { timeout: 1 })).toThrow(TimeoutError);
  controller.abort();
  await expect(aborted).rejects.toThrow(AbortError);
  const closed = x.send(b);
  x.close();
  await expect(closed).rejects.toThrow(ClosedError);
  expect(() => a.recvSync()).toThrow(DeadlockError);
});

test('also when there are several connections to the other end in this thread, or to this one', () => {
  const [a, b] = testPipe();
  const [c, d] = testPipe();
  c.sendSync(a);
  const again = d.recvSync();
  expect(() => b.recvSync()).toThrow(DeadlockError);
  again.sendSync('so far so good');
  expect(b.recvSync()).toBe('so far so good');
  again.close();
  expect(() => b.recvSync()).toThrow(DeadlockError);
});

test('a wait that has an end is none: it times out', () => {
  const [a, b] = testPipe({ capacity: SMALL });
  expect(() => b.recvSync({ timeout: 5 })).toThrow('did not come within 5 ms');
  expect(b.pollSync({ timeout: 5 })).toBe(false);
  expect(waitSync([b], { timeout: 5 })).toEqual([]);
  fill(a, 1);
  expect(() => a.sendSync('x', { timeout: 5 })).toThrow('did not come within 5 ms');
});

test('it is none when another process holds the other end too', async () => {
  const [a, b] = testPipe();
  const peer = startPeer('sayAndStay', [a], ['from there']);
  expect(b.recvSync()).toBe('from there');
  expect(waitSync([b], { timeout: 5 })).toEqual([]);
  await peer.says('ready');
});

test('the promise form is the way out', async () => {
  const [a, b] = testPipe();
  const received = b.recv();
  a.sendSync('later');
  expect(await received).toBe('later');
});
