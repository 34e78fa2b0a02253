import { progressBar } from '@mp/multiprocessing';
import { argumentsOf, type Job, wholeNumber } from '../job.ts';
import { number, plural } from '../report.ts';
import { findPrimes } from './primes.ts';

const DEFAULT_LIMIT = '1e8';
/** Then the array takes 600 MiB. */
const MOST = 1e10;

export const primesJob: Job = {
  name: 'primes',
  usage: '[LIMIT]',
  shows: 'finds all primes up to a limit in an array in shared memory; default: 100,000,000',
  prepare(args) {
    const { positionals, workers } = argumentsOf(args, 1);
    const limit = wholeNumber('The limit', positionals[0] ?? DEFAULT_LIMIT, 0, MOST);
    return () => primes(limit, workers);
  },
};

/** How many primes there are up to a power of ten, as others have found (OEIS A006880). */
const KNOWN = new Map(
  [0, 4, 25, 168, 1229, 9592, 78_498, 664_579, 5_761_455, 50_847_534, 455_052_511].map((count, i) => [10 ** i, count]),
);

async function primes(limit: number, workers: number | undefined): Promise<boolean> {
  const found = await findPrimes(limit, { workers, onProgress: progressBar('sieving') });
  const { count, sieve, bytes, seconds } = found;
  console.log(
    `${plural(count, 'prime')} up to ${number(limit)}; ${(bytes / 2 ** 20).toFixed(1)} MiB of shared memory, ` +
      `${seconds.toFixed(2)} s, ${plural(found.workers, 'worker')}`,
  );
  const last = sieve.last(3);
  if (last.length > 0) console.log(`the last of them: ${last.map(number).join(' ')}`);
  const known = KNOWN.get(limit);
  if (known === undefined) return true;
  console.log(known === count ? 'as many as there are known to be' : `FAIL  there are known to be ${number(known)}`);
  return known === count;
}
