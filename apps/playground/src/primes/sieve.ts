/**
 * A sieve of Eratosthenes: one bit for each odd number, 1 for those that are no primes. The bit of `n` has the number
 * `n >> 1`; 2 is the one prime that has none.
 */
export class Sieve {
  readonly limit: number;
  readonly #bits: Uint8Array;

  /** @param bits - which {@link sieveRange} has filled, up to the limit */
  constructor(bits: Uint8Array, limit: number) {
    this.#bits = bits;
    this.limit = limit;
  }

  has(n: number): boolean {
    if (n > this.limit) throw new RangeError(`The sieve ends at ${this.limit}, before ${n}`);
    if (n % 2 === 0) return n === 2;
    const bit = (n - 1) / 2;
    return (this.#bits[Math.floor(bit / 8)]! & (1 << (bit % 8))) === 0;
  }

  /** The last primes of the sieve, in ascending order. */
  last(count: number): number[] {
    const found: number[] = [];
    for (let n = this.limit; n >= 2 && found.length < count; n--) if (this.has(n)) found.unshift(n);
    return found;
  }
}

/** How many odd numbers there are up to a limit: so many bits the sieve has. */
export const oddsUpTo = (limit: number): number => Math.floor((limit + 1) / 2);

export const bytesFor = (limit: number): number => Math.ceil(oddsUpTo(limit) / 8);

/** The odd primes up to a limit, by the plainest of sieves: with those of the root, the rest can be sieved in any order. */
export function smallPrimes(limit: number): number[] {
  const isComposite = new Uint8Array(limit + 1);
  const primes: number[] = [];
  for (let n = 3; n <= limit; n += 2) {
    if (isComposite[n] === 1) continue;
    primes.push(n);
    for (let multiple = n * n; multiple <= limit; multiple += 2 * n) isComposite[multiple] = 1;
  }
  return primes;
}
