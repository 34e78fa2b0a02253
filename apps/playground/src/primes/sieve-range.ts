import { oddsUpTo } from './sieve.ts';

/** Bytes of the sieve: `to` is the first that is not among them. Nobody else writes into them. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** As much as stays in the nearest cache of a core while all primes go over it. */
export const SEGMENT_BYTES = 1 << 15;

/**
 * What a worker does: strikes out what is no prime in a range of the shared sieve. It may be done again, by another one:
 * the result is the same.
 *
 * @param bits - of the whole sieve, in shared memory
 * @param odd - all odd primes up to the root of the limit
 * @returns how many odd primes there are in the range
 */
export function sieveRange(bits: Uint8Array, odd: Uint32Array, limit: number, { from, to }: Range): number {
  let primes = 0;
  for (let start = from; start < to; start += SEGMENT_BYTES) {
    const bytes = Math.min(SEGMENT_BYTES, to - start);
    const segment = new Uint8Array(bits.buffer, bits.byteOffset + start, bytes);
    sieveSegment(segment, start * 8, odd);
    // 1 is no prime; and behind the limit nothing is counted.
    if (start === 0) segment[0]! |= 1;
    for (let bit = oddsUpTo(limit) - start * 8; bit < bytes * 8; bit++) segment[bit >> 3]! |= 1 << (bit & 7);
    for (const byte of segment) primes += 8 - ONES[byte]!;
  }
  return primes;
}

/** @param first - the number of the first bit of the segment in the whole sieve */
function sieveSegment(segment: Uint8Array, first: number, odd: Uint32Array): void {
  const length = segment.length * 8;
  for (const prime of odd) {
    // Smaller multiples have smaller factors, too.
    const square = (prime * prime - 1) / 2;
    if (square >= first + length) break;
    let bit = square - first;
    if (bit < 0) {
      const beyond = (first - (prime - 1) / 2) % prime;
      bit = beyond === 0 ? 0 : prime - beyond;
    }
    for (; bit < length; bit += prime) segment[bit >> 3]! |= 1 << (bit & 7);
  }
}

/** How many bits of a byte are 1. */
const ONES = new Uint8Array(256);
for (let byte = 1; byte < 256; byte++) ONES[byte] = ONES[byte >> 1]! + (byte & 1);
