/**
 * `[start:stop:step]` of Python, for the lists of its managers. What is left out is null: from the beginning, to the end,
 * by 1. Python: `slice`.
 *
 * @example
 * ```ts
 * await callMethod(list, '__getitem__', [new Slice(2, 7)]); // list[2:7] in Python
 * ```
 */
export class Slice {
  /** The first position; null: from the beginning. */
  readonly start: unknown;
  /** The position behind the last one; null: to the end. */
  readonly stop: unknown;
  /** Every how many-th; null: each. */
  readonly step: unknown;

  constructor(start: unknown, stop: unknown = null, step: unknown = null) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  /** The indices that it means in a list of `length`, as Python's `slice.indices`. */
  indices(length: number): number[] {
    const step = number(this.step, 1);
    if (step === 0) throw new RangeError('slice step cannot be zero');
    const clamp = (value: unknown, otherwise: number): number => {
      if (value === null || value === undefined) return otherwise;
      const index = number(value, 0);
      const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
      return Math.min(high, Math.max(low, index < 0 ? index + length : index));
    };
    const start = clamp(this.start, step > 0 ? 0 : length - 1);
    const stop = clamp(this.stop, step > 0 ? length : -1);
    const indices: number[] = [];
    for (let i = start; step > 0 ? i < stop : i > stop; i += step) indices.push(i);
    return indices;
  }
}

const number = (value: unknown, otherwise: number): number =>
  Number.isSafeInteger(value) ? (value as number) : otherwise;
