/** Random numbers that are the same again for the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

/** The seed of a run: `MP_FUZZ_SEED`, or the same every time, or another one each time when the run is a long one. */
export function seed(): number {
  const given = process.env['MP_FUZZ_SEED'];
  if (given !== undefined) return Number(given);
  return process.env['MP_FUZZ_SECONDS'] === undefined ? 20_261_121 : Date.now() >>> 0;
}

/** How long a long run takes: `MP_FUZZ_SECONDS`; undefined for the short one. */
export const fuzzSeconds = (): number | undefined => {
  const given = process.env['MP_FUZZ_SECONDS'];
  return given === undefined ? undefined : Number(given);
};
