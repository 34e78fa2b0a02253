import { activeChildren } from '@mp/multiprocessing';
import { describe, expect, test } from 'vitest';
import { findPrimes, rangesOf } from '../../src/primes/primes.ts';
import { bytesFor, Sieve, smallPrimes } from '../../src/primes/sieve.ts';
import { SEGMENT_BYTES, sieveRange } from '../../src/primes/sieve-range.ts';
import { checkNothingLeft } from '../nothing-left.ts';

checkNothingLeft();

/** By the definition. */
const isPrime = (n: number): boolean => {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n >= 2;
};

const oddUpTo = (limit: number): Uint32Array => Uint32Array.from(smallPrimes(Math.floor(Math.sqrt(limit))));

describe('the sieve', () => {
  test('has the primes up to its limit, wherever that is', () => {
    for (let limit = 0; limit <= 300; limit++) {
      const bits = new Uint8Array(bytesFor(limit));
      const count = sieveRange(bits, oddUpTo(limit), limit, { from: 0, to: bits.length });
      const expected = Array.from({ length: limit + 1 }, (_, n) => n).filter(isPrime);
      const sieve = new Sieve(bits, limit);
      expect(Array.from({ length: limit + 1 }, (_, n) => n).filter((n) => sieve.has(n))).toEqual(expected);
      expect(count).toBe(expected.filter((n) => n > 2).length);
      expect(sieve.last(3)).toEqual(expected.slice(-3));
      expect(() => sieve.has(limit + 1)).toThrow(RangeError);
    }
  });

  test('is the same in ranges of any size, in any order, done once or twice', () => {
    const limit = 2_000_000;
    const odd = oddUpTo(limit);
    const whole = new Uint8Array(bytesFor(limit));
    const count = sieveRange(whole, odd, limit, { from: 0, to: whole.length });
    expect(count).toBe(148_932);
    for (const size of [999, SEGMENT_BYTES, SEGMENT_BYTES + 1]) {
      const bits = new Uint8Array(bytesFor(limit));
      const froms = Array.from({ length: Math.ceil(bits.length / size) }, (_, i) => i * size).reverse();
      const sieve = (from: number): number =>
        sieveRange(bits, odd, limit, { from, to: Math.min(from + size, bits.length) });
      for (const from of froms) sieve(from);
      expect(froms.reduce((sum, from) => sum + sieve(from), 0)).toBe(count);
      expect(Buffer.compare(bits, whole)).toBe(0);
    }
  });

  test('is right far beyond 32 bits', () => {
    const limit = 10_000_000_000;
    const from = bytesFor(limit) - 1000;
    // Only its last bytes: the rest is never looked at.
    const last = new Uint8Array(1000);
    const bits = { buffer: last.buffer, byteOffset: -from } as unknown as Uint8Array;
    sieveRange(bits, oddUpTo(limit), limit, { from, to: from + 1000 });
    const found = Array.from({ length: 8000 }, (_, bit) => bit)
      .filter((bit) => (last[bit >> 3]! & (1 << (bit & 7))) === 0)
      .map((bit) => 2 * (from * 8 + bit) + 1);
    // The last primes before 10 to the power of 10: OEIS A033874 says that it is 33 away.
    expect(found.at(-1)).toBe(limit - 33);
    expect(found.slice(-5).filter((n) => !isPrime(n))).toEqual([]);
  });
});

test.each([
  [0, 2],
  [1, 2],
  [SEGMENT_BYTES, 1],
  [6_250_000, 2],
  [625_000_000, 3],
])('each of %d bytes is in one range, for %d workers', (bytes, workers) => {
  const ranges = rangesOf(bytes, workers);
  expect(ranges.length).toBeLessThanOrEqual(workers * 64);
  expect(ranges[0]?.from ?? 0).toBe(0);
  for (const [i, { to }] of ranges.entries()) expect(to).toBe(ranges[i + 1]?.from ?? bytes);
});

test('workers find all primes up to a million, also if one of them is killed in the middle', async () => {
  const told: number[] = [];
  const { count, sieve, workers } = await findPrimes(1_000_000, {
    workers: 2,
    onProgress: ({ done, total }) => {
      if (told.length === 0) activeChildren()[0]?.kill();
      told.push(done / (total ?? 0));
    },
  });
  expect({ count, workers, last: sieve.last(2) }).toEqual({ count: 78_498, workers: 2, last: [999_979, 999_983] });
  expect(told.at(-1)).toBe(1);
});

test('there are none up to 0', async () => {
  const { count, sieve } = await findPrimes(0, { workers: 1 });
  expect({ count, last: sieve.last(3) }).toEqual({ count: 0, last: [] });
});
