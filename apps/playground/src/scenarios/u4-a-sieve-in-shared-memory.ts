/**
 * Several processes find all primes up to ten million in one array in shared memory.
 *
 * From: here (the job `npm start -- primes`, small)
 * Look at: ../primes/primes.ts. Each worker strikes out numbers in ranges of its own, so nobody needs a lock; the array is
 *   sent once, as a reference to its memory, and what is read from it here is what the workers have written.
 *
 * Prints:
 *     2 workers found 664579 primes, as many as there are known to be
 *     in an array of 625000 bytes, in which there are 664579
 *     the last of them: 9999971 9999973 9999991
 */
import { isMainModule } from '@mp/multiprocessing';
import { findPrimes } from '../primes/primes.ts';
import { bytesFor } from '../primes/sieve.ts';

if (isMainModule(import.meta)) {
  const limit = 10_000_000;
  const { count, sieve, workers } = await findPrimes(limit, { workers: 2 });
  console.log(`${workers} workers found ${count} primes, as many as there are known to be`);

  let found = 0;
  for (let n = 0; n <= limit; n++) if (sieve.has(n)) found++;
  console.log(`in an array of ${bytesFor(limit)} bytes, in which there are ${found}`);
  console.log('the last of them:', ...sieve.last(3));
}
