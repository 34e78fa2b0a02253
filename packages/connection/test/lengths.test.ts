import { describe, expect, test } from 'vitest';
import { segmentPool } from '../src/segment/pool.ts';
import { forms } from './fixtures/forms.ts';
import { checkConnectionLeaks, LARGEST_IN_SMALL_RING, pattern, SMALL, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

const around = (length: number): number[] => [-9, -8, -7, -4, -1, 0, 1, 4, 7, 8, 9].map((more) => length + more);

describe.each(forms)('in the $name form', ({ send, recv, sendBytes, recvBytes, recvBytesInto, poll }) => {
  test('an empty message is a message', async () => {
    const [a, b] = testPipe();
    await sendBytes(a, new Uint8Array(0));
    await sendBytes(a, new ArrayBuffer(0));
    await sendBytes(a, Buffer.from('x'), { size: 0 });
    expect(await poll(b)).toBe(true);
    expect(await recvBytes(b)).toEqual(Buffer.alloc(0));
    expect(await recvBytesInto(b, new Uint8Array(0))).toBe(0);
    expect(await recvBytes(b, { maxLength: 0 })).toEqual(Buffer.alloc(0));
    expect(await poll(b)).toBe(false);
  });

  test('objects that pickle to almost nothing are messages', async () => {
    const [a, b] = testPipe();
    const values = [undefined, null, '', 0, -0, false, [], {}, Number.NaN];
    for (const value of values) await send(a, value);
    for (const value of values) expect(await recv(b)).toEqual(value);
  });

  test('every length from 0 to 300 arrives whole', async () => {
    const [a, b] = testPipe({ capacity: SMALL });
    for (let length = 0; length <= 300; length++) {
      await sendBytes(a, pattern(length, length));
      expect((await recvBytes(b)).equals(pattern(length, length))).toBe(true);
    }
  });

  test('every length around a quarter of the ring, the half and the whole of it arrives whole', async () => {
    for (const capacity of [SMALL, 1 << 16]) {
      const [a, b] = testPipe({ capacity });
      for (const length of [capacity / 4 - 8, capacity / 4, capacity / 2, capacity, 2 * capacity].flatMap(around)) {
        await sendBytes(a, pattern(length, length));
        expect((await recvBytes(b)).equals(pattern(length, length))).toBe(true);
      }
    }
  });

  test('every length around the pages and classes of a segment arrives whole', async () => {
    const [a, b] = testPipe();
    // A segment has room for a header, a table and 2^20, 2^21, … bytes.
    for (const length of [1 << 17, 1 << 20, (1 << 20) + (1 << 16) - 64, 1 << 21].flatMap(around)) {
      const message = pattern(length, length);
      await sendBytes(a, message);
      expect((await recvBytes(b)).equals(message)).toBe(true);
    }
  });

  test('objects of every length around the limits arrive whole', async () => {
    const [a, b] = testPipe({ capacity: SMALL });
    for (const length of [...around(LARGEST_IN_SMALL_RING), ...around(SMALL)]) {
      await send(a, 'ä'.repeat(length / 2));
      expect(await recv(b)).toBe('ä'.repeat(length / 2));
      await send(a, 'x'.repeat(length));
      expect(await recv(b)).toBe('x'.repeat(length));
      await send(a, new Uint8Array(length).fill(length));
      expect(await recv(b)).toEqual(new Uint8Array(length).fill(length));
    }
  });
});

test('the longest message of the ring itself is a quarter of the ring with its header; one byte more has a segment', () => {
  const [a, b] = testPipe({ capacity: SMALL });
  const { segments } = segmentPool.statistics();
  a.sendBytesSync(pattern(LARGEST_IN_SMALL_RING));
  expect(segmentPool.statistics().segments).toBe(segments);
  a.sendBytesSync(pattern(LARGEST_IN_SMALL_RING + 1));
  expect(segmentPool.statistics().segments).toBe(segments + 1);
  expect(b.recvBytesSync().length).toBe(LARGEST_IN_SMALL_RING);
  expect(b.recvBytesSync().length).toBe(LARGEST_IN_SMALL_RING + 1);
});

test('a ring holds messages up to its last byte', () => {
  const [a, b] = testPipe({ capacity: SMALL });
  // Four records of a quarter each: no byte is left.
  for (let i = 0; i < 4; i++) a.sendBytesSync(pattern(LARGEST_IN_SMALL_RING, i), { timeout: 0 });
  expect(() => a.sendBytesSync(new Uint8Array(0), { timeout: 0 })).toThrow('room for the message');
  expect(b.recvBytesSync().equals(pattern(LARGEST_IN_SMALL_RING, 0))).toBe(true);
  a.sendBytesSync(pattern(LARGEST_IN_SMALL_RING, 4), { timeout: 0 });
  for (let i = 1; i < 5; i++) expect(b.recvBytesSync().equals(pattern(LARGEST_IN_SMALL_RING, i))).toBe(true);
});
