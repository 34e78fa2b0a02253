/** Beyond this a number is on its way to infinity; so far out that the colours come without steps. */
const FAR = 2 ** 16;

/**
 * How soon `z → z² + c` leaves for infinity: the number of steps, and how far into the next one, as a fraction. Infinity if
 * it has not left after so many steps: then c counts as a member of the Mandelbrot set.
 */
export function escapeTime(re: number, im: number, iterations: number): number {
  if (isInBulb(re, im)) return Number.POSITIVE_INFINITY;
  let x = 0;
  let y = 0;
  let xx = 0;
  let yy = 0;
  for (let step = 0; step < iterations; step++) {
    y = 2 * x * y + im;
    x = xx - yy + re;
    xx = x * x;
    yy = y * y;
    if (xx + yy > FAR) return step + 1 - Math.log2(Math.log2(xx + yy) / Math.log2(FAR));
  }
  return Number.POSITIVE_INFINITY;
}

/** The two largest parts of the set, of which it is known: nobody has to count there. */
function isInBulb(re: number, im: number): boolean {
  const q = (re - 0.25) ** 2 + im * im;
  return q * (q + re - 0.25) <= 0.25 * im * im || (re + 1) ** 2 + im * im <= 0.0625;
}
