import { callable, cpuCount, type OnProgress, Pool, RawArray } from '@mp/multiprocessing';
import { bytesFor, Sieve, smallPrimes } from './sieve.ts';
import { type Range, SEGMENT_BYTES, sieveRange } from './sieve-range.ts';

/** All primes up to a limit. */
export interface Primes {
  readonly count: number;
  /** Which they are: the shared array itself, as the workers have left it. */
  readonly sieve: Sieve;
  /** Bytes of shared memory. */
  readonly bytes: number;
  readonly workers: number;
  readonly seconds: number;
}

interface PrimesOptions {
  /** Default: as many as there are cores. */
  readonly workers?: number | undefined;
  /** Told after each range or some of them. */
  readonly onProgress?: OnProgress | undefined;
}

/** Ranges for each worker, if the sieve is large enough: so progress can be seen, and none waits long for the last one. */
const RANGES_PER_WORKER = 64;
/** How often a range is sieved again if its worker is lost. */
const RETRIES = 2;

/**
 * Finds all primes up to a limit, on all cores. Each worker strikes out what is no prime in ranges of its own of one array in
 * shared memory; what travels is where a range begins and ends, and a number as the answer.
 *
 * @param limit - a whole number from 0 on; the array has a bit for every other number
 */
export async function findPrimes(
  limit: number,
  { workers = cpuCount(), onProgress }: PrimesOptions = {},
): Promise<Primes> {
  const begun = performance.now();
  const bits = RawArray('B', bytesFor(limit));
  const odd = RawArray('I', smallPrimes(Math.floor(Math.sqrt(limit))));
  const pool = new Pool(workers);
  try {
    const sieve = callable(sieveRange, bits, odd, limit);
    const counts = await pool.map(sieve, rangesOf(bits.length, workers), { retries: RETRIES, onProgress });
    const two = limit >= 2 ? 1 : 0;
    return {
      count: counts.reduce((sum, count) => sum + count, two),
      sieve: new Sieve(bits, limit),
      bytes: bits.byteLength + odd.byteLength,
      workers,
      seconds: (performance.now() - begun) / 1000,
    };
  } finally {
    pool.terminate();
    await pool.join();
  }
}

/** The bytes of the sieve, in tasks of whole segments. */
export function rangesOf(bytes: number, workers: number): Range[] {
  const segments = Math.ceil(bytes / SEGMENT_BYTES);
  const size = Math.ceil(segments / (workers * RANGES_PER_WORKER)) * SEGMENT_BYTES;
  const ranges: Range[] = [];
  for (let from = 0; from < bytes; from += size) ranges.push({ from, to: Math.min(from + size, bytes) });
  return ranges;
}
