import type { Connection } from '@mp/connection';
import { BrokenPipeError } from '@mp/errors';
import { collectUntil } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { segmentPool } from '../src/segment/pool.ts';
import { forms } from './fixtures/forms.ts';
import { endOf } from './fixtures/peers.ts';
import { checkConnectionLeaks, fill, outcome, pattern, SMALL, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

const BIG = 300_000;

const inUse = (): number => {
  const { bytes, freeBytes } = segmentPool.statistics();
  return bytes - freeBytes;
};

/** Sends a large message and takes it, so that its segment is free again. */
function exchange(a: Connection, b: Connection, seed = 0): void {
  const target = Buffer.alloc(BIG);
  a.sendBytesSync(pattern(BIG, seed));
  expect(b.recvBytesIntoSync(target)).toBe(BIG);
  expect(target.equals(pattern(BIG, seed))).toBe(true);
}

describe.each(forms)('in the $name form', ({ send, recv, sendBytes, recvBytes, recvBytesInto }) => {
  test('a hundred large messages, one after the other, need one segment', async () => {
    const [a, b] = testPipe();
    const target = Buffer.alloc(BIG);
    for (let i = 0; i < 100; i++) {
      await sendBytes(a, pattern(BIG, i));
      await recvBytesInto(b, target);
      await send(a, 'x'.repeat(BIG));
      expect(await recv(b)).toHaveLength(BIG);
    }
    expect(target.equals(pattern(BIG, 99))).toBe(true);
    expect(segmentPool.statistics().segments).toBe(1);
  });

  test('a received buffer is a view of the segment, which is used again when the view is gone', async () => {
    const [a, b] = testPipe();
    await (async () => {
      await send(a, [new Uint8Array(BIG).fill(1), new Float64Array(BIG).fill(2)]);
      const received = (await recv(b)) as [Uint8Array, Float64Array];
      expect(inUse()).toBeGreaterThan(0);
      expect(received[0].every((byte) => byte === 1) && received[1].every((number) => number === 2)).toBe(true);
    })();
    await collectUntil(() => inUse() === 0);
    exchange(a, b);
    expect(segmentPool.statistics().segments).toBeLessThanOrEqual(2);
  });

  test('bytes that were received stay good while other messages come', async () => {
    const [a, b] = testPipe();
    const kept: Buffer[] = [];
    for (let i = 0; i < 20; i++) {
      await sendBytes(a, pattern(BIG, i));
      kept.push(await recvBytes(b));
      exchange(a, b, 100 + i);
    }
    expect(kept.every((bytes, i) => bytes.equals(pattern(BIG, i)))).toBe(true);
  });
});

test('what was received stays good when both connections are closed and their memory was used again', async () => {
  const [a, b] = testPipe();
  a.sendBytesSync(pattern(BIG, 1));
  a.sendSync({ big: new Uint8Array(pattern(BIG, 2)) });
  const bytes = b.recvBytesSync();
  const { big } = b.recvSync() as { big: Uint8Array };
  a.close();
  b.close();
  const [c, d] = testPipe();
  for (let i = 0; i < 10; i++) exchange(c, d, 10 + i);
  expect(bytes.equals(pattern(BIG, 1))).toBe(true);
  expect(Buffer.from(big).equals(pattern(BIG, 2))).toBe(true);
});

test('a receiver may change what it got', () => {
  const [a, b] = testPipe();
  const sent = new Uint8Array(BIG).fill(1);
  a.sendSync(sent);
  const received = b.recvSync() as Uint8Array;
  received.fill(2);
  exchange(a, b);
  expect(sent.every((byte) => byte === 1) && received.every((byte) => byte === 2)).toBe(true);
});

test('two arrays over one buffer still share it when they have arrived', () => {
  const [a, b] = testPipe();
  const memory = new ArrayBuffer(BIG);
  a.sendSync({ whole: new Uint8Array(memory), part: new Uint16Array(memory, 1000, 10) });
  const { whole, part } = b.recvSync() as { whole: Uint8Array; part: Uint16Array };
  expect(part.buffer).toBe(whole.buffer);
  part[0] = 0x0101;
  expect([whole[1000], whole[1001], part.length]).toEqual([1, 1, 10]);
});

test('fifty buffers in one object arrive each as itself', () => {
  const [a, b] = testPipe();
  const sent = Array.from({ length: 50 }, (_, i) => new Uint32Array(40_000 + i).fill(i));
  a.sendSync(sent);
  const received = b.recvSync() as Uint32Array[];
  expect(received.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
  expect(received.every((array, i) => array.every((number) => number === i))).toBe(true);
});

test('one connection may be closed while another still uses the segments that it has used before', async () => {
  const [a, b] = testPipe();
  const [c, d] = testPipe();
  exchange(a, b);
  // The same segment, on its way through another pipe.
  c.sendBytesSync(pattern(BIG, 2));
  a.close();
  b.close();
  expect(d.recvBytesSync().equals(pattern(BIG, 2))).toBe(true);
  for (let i = 0; i < 3; i++) exchange(c, d, i);
});

test('a message that waits for room keeps its segment when another connection that used it before is closed', async () => {
  const [a, b] = testPipe();
  const [c, d] = testPipe({ capacity: SMALL });
  exchange(a, b);
  fill(c, 1);
  const sent = c.sendBytes(pattern(BIG, 3));
  a.close();
  b.close();
  const [e, f] = testPipe();
  exchange(e, f, 4);
  while (d.pollSync()) {
    const message = d.recvBytesSync();
    if (message.length > 1) expect(message.equals(pattern(BIG, 3))).toBe(true);
    await new Promise(setImmediate);
  }
  await sent;
});

test('a connection goes on when the pool has given back the segments that lay idle', () => {
  const [a, b] = testPipe();
  exchange(a, b);
  // What the pool does by itself when nobody has sent a large message for some time.
  segmentPool.clear();
  for (let i = 0; i < 3; i++) exchange(a, b, i);
  expect(segmentPool.statistics().segments).toBe(1);
});

test('segments that lie free are kept up to a limit, and the rest is given back', async () => {
  const [a, b] = testPipe();
  const size = 40 << 20;
  await (async () => {
    const received: Buffer[] = [];
    for (let i = 0; i < 8; i++) {
      a.sendBytesSync(new Uint8Array(size), { timeout: 0 });
      received.push(b.recvBytesSync());
    }
    expect(received).toHaveLength(8);
  })();
  await collectUntil(() => inUse() === 0);
  exchange(a, b);
  expect(segmentPool.statistics().freeBytes).toBeLessThanOrEqual(256 << 20);
  exchange(a, b);
});

describe('a large message that cannot be sent gives back its memory and its descriptors:', () => {
  const big = new Uint8Array(BIG);

  test('to a pipe whose other end is closed, in every form', async () => {
    const [a, b] = testPipe();
    b.close();
    for (let i = 0; i < 10; i++) {
      expect(await outcome(a.send(big))).toBeInstanceOf(BrokenPipeError);
      expect(await outcome(a.sendBytes(big))).toBeInstanceOf(BrokenPipeError);
      expect(() => a.sendSync(big)).toThrow(BrokenPipeError);
      expect(() => a.sendBytesSync(big)).toThrow(BrokenPipeError);
    }
    expect(inUse()).toBe(0);
    expect(segmentPool.statistics().segments).toBeLessThanOrEqual(1);
  });

  test('with connections in it', async () => {
    const [a, b] = testPipe();
    const [c] = testPipe();
    b.close();
    expect(await outcome(a.send({ big, c }))).toBeInstanceOf(BrokenPipeError);
    expect(() => a.sendSync({ big, c })).toThrow(BrokenPipeError);
    expect(inUse()).toBe(0);
  });

  test('that could have been taken back', () => {
    const [a, b] = testPipe();
    const end = endOf(a);
    b.close();
    const message = { bytes: pattern(BIG), start: 0, end: BIG, buffers: [], descriptors: [] };
    expect(() => end.sendRevocable(message)).toThrow(BrokenPipeError);
    expect(inUse()).toBe(0);
  });

  test('when the time is over', async () => {
    const [a] = testPipe({ capacity: SMALL });
    fill(a, 1);
    expect(await outcome(a.send(big, { timeout: 5 }))).toMatchObject({ name: 'TimeoutError' });
    expect(() => a.sendSync(big, { timeout: 5 })).toThrow('room for the message');
    expect(inUse()).toBe(0);
  });

  test('when it is aborted', async () => {
    const [a] = testPipe({ capacity: SMALL });
    fill(a, 1);
    const controller = new AbortController();
    const sent = outcome(a.send(big, { signal: controller.signal }));
    expect(inUse()).toBeGreaterThan(0);
    controller.abort();
    expect(await sent).toMatchObject({ name: 'AbortError' });
    expect(inUse()).toBe(0);
  });

  test('when a descriptor in it is not open', async () => {
    const [a] = testPipe();
    const end = endOf(a);
    const message = { bytes: pattern(BIG), start: 0, end: BIG, buffers: [], descriptors: [end.fileno, 987_654] };
    expect(() => end.send(2, message)).toThrow('EBADF');
    expect(() => end.hold(2, { ...message, end: 8 })).toThrow('EBADF');
    expect(inUse()).toBe(0);
  });
});
