import { Connection, type EndDescriptors, LocalEnd } from '@mp/connection/internal';
import { duplicateDescriptor } from '@mp/native';
import { describe, expect, onTestFinished, test } from 'vitest';
import { align8, HEAD, TAIL } from '../src/ring/layout.ts';
import { endOf } from './fixtures/peers.ts';
import { checkConnectionLeaks, LARGEST_IN_SMALL_RING, pattern, ringMemory, SMALL, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

const exchange = (a: Connection, b: Connection, length: number): void => {
  const message = pattern(length, length);
  a.sendBytesSync(message, { timeout: 0 });
  const received = b.recvBytesSync({ timeout: 0 });
  if (!received.equals(message)) throw new Error(`A message of ${length} bytes was changed on its way.`);
};

describe('a message arrives whole wherever in the ring it begins, also where it would go beyond its end', () => {
  test.each([0, 1, 7, 8, 9, 120, 128, 136, 500, LARGEST_IN_SMALL_RING - 1, LARGEST_IN_SMALL_RING])(
    'with %d bytes',
    (length) => {
      const [a, b] = testPipe({ capacity: SMALL });
      const { header } = ringMemory(b);
      const at = (): number => header[HEAD]! & (SMALL - 1);
      for (let begin = 0; begin < SMALL; begin += 8) {
        // On from where the last message ended, once round, with records that fit.
        while (at() !== begin) {
          const distance = (begin - at() + SMALL) % SMALL;
          exchange(a, b, Math.min(distance, SMALL - at(), 512) - 8);
        }
        exchange(a, b, length);
        expect(at()).toBe((begin + 8 + length > SMALL ? 8 + align8(length) : begin + 8 + align8(length)) % SMALL);
      }
      expect(header[HEAD]).toBe(header[TAIL]);
    },
  );

  test('and so do several that are in the ring at once', () => {
    const [a, b] = testPipe({ capacity: SMALL });
    let sent = 0;
    let received = 0;
    const length = (n: number): number => (n * 37) % (LARGEST_IN_SMALL_RING + 1);
    for (let round = 0; round < 3000; round++) {
      try {
        for (;;) {
          a.sendBytesSync(pattern(length(sent), sent), { timeout: 0 });
          sent++;
        }
      } catch (error) {
        expect((error as Error).name).toBe('TimeoutError');
      }
      for (let take = 1 + (round % 3); take > 0 && received < sent; take--, received++) {
        if (!b.recvBytesSync().equals(pattern(length(received), received))) throw new Error(`Message ${received}`);
      }
    }
    expect(sent - received).toBeLessThan(SMALL / 8);
    expect(received).toBeGreaterThan(3000);
  });
});

const duplicates = (descriptors: EndDescriptors): EndDescriptors =>
  descriptors.map(duplicateDescriptor) as unknown as EndDescriptors;

describe('the counters of a ring may wrap', () => {
  /** A pipe through which that many bytes have gone already. */
  function usedPipe(bytes: number): [Connection, Connection] {
    const [a, b] = testPipe({ capacity: SMALL });
    const { header } = ringMemory(b);
    header[HEAD] = bytes;
    header[TAIL] = bytes;
    // A writer remembers where its reader was; this one has seen nothing but the new counters.
    const writer = new Connection(new LocalEnd(duplicates(endOf(a).descriptors), endOf(a).side));
    endOf(writer).countHolder();
    onTestFinished(() => writer.close());
    a.close();
    return [writer, b];
  }

  test.each([
    ['to negative numbers', 2 ** 31 - 2048],
    ['to zero', 2 ** 32 - 2048],
    ['between two records', 2 ** 32 - 8],
  ])('%s', (_, bytes) => {
    const [a, b] = usedPipe(bytes);
    for (let i = 0; i < 100; i++) exchange(a, b, (i * 83) % 1000);
    a.sendSync({ still: 'good' });
    expect(b.recvSync()).toEqual({ still: 'good' });
  });

  test.each([2 ** 31, 2 ** 32])('when the ring is full: at %d', (at) => {
    const [a, b] = usedPipe(at - SMALL / 2);
    let sent = 0;
    expect(() => {
      for (;;) {
        a.sendBytesSync(pattern(100, sent), { timeout: 0 });
        sent++;
      }
    }).toThrow('room for the message');
    expect(sent).toBe(Math.floor(SMALL / 112));
    for (let i = 0; i < sent; i++) expect(b.recvBytesSync().equals(pattern(100, i))).toBe(true);
    expect(b.pollSync()).toBe(false);
  });
});
