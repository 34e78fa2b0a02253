/** A figure of several rounds. */
export interface Figure {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly rounds: number;
}

/**
 * The middle one of some numbers; of an even number of them, the mean of the two in the middle.
 *
 * @throws RangeError if there are none
 */
export function median(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError('There is no median of no numbers.');
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median, and how far the rounds were apart. Of five rounds the lowest and the highest are what there is to say
 * about the spread; a standard deviation would pretend to more.
 */
export function figureOf(numbers: readonly number[]): Figure {
  return {
    median: median(numbers),
    lowest: Math.min(...numbers),
    highest: Math.max(...numbers),
    rounds: numbers.length,
  };
}
