/** Pure computing: steps of a linear congruential generator, each of which needs the one before. */
export function burn([seed, steps]: readonly [seed: number, steps: number]): number {
  let x = seed | 0;
  for (let i = 0; i < steps; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x >>> 0;
}

/** How many steps take so many milliseconds here, at full speed. */
export function calibrate(milliseconds: number): number {
  let steps = 1_000_000;
  for (;;) {
    const started = performance.now();
    burn([0, steps]);
    const elapsed = performance.now() - started;
    // Long enough that the compiler has done what it can, and that the clock is exact.
    if (elapsed >= milliseconds / 2) return Math.round((steps * milliseconds) / elapsed);
    steps *= 2;
  }
}

/**
 * What {@link burn} gives, found in another way: many steps of x → a·x + c are one such step with another a and c, and
 * twice as many are that step after itself.
 */
export function burned(seed: number, steps: number): number {
  const wrap = (value: bigint): bigint => BigInt.asUintN(32, value);
  let [a, c] = [1_664_525n, 1_013_904_223n];
  let x = BigInt(seed);
  for (let rest = steps; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) x = wrap(a * x + c);
    c = wrap(a * c + c);
    a = wrap(a * a);
  }
  return Number(x);
}
