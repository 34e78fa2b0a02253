/** Of an element; negative ones count from the end. @throws RangeError when there is none */
export function place(position: number, length: number): number {
  const index = position < 0 ? position + length : position;
  if (Number.isInteger(index) && index >= 0 && index < length) return index;
  throw new RangeError(`Invalid index ${String(position)}: the length is ${length}`);
}

/**
 * The places that a slice has, as Python has them: negative ones count from the end, those outside are cut off.
 *
 * @throws RangeError for a step of 0 or a fraction
 */
export function* slicePlaces(length: number, start?: number, end?: number, step = 1): Generator<number, undefined> {
  if (!Number.isInteger(step) || step === 0)
    throw new RangeError(`A slice needs a step that is an integer, and not ${step}`);
  const lowest = step > 0 ? 0 : -1;
  const highest = step > 0 ? length : length - 1;
  const clamp = (at: number): number => Math.min(highest, Math.max(lowest, Math.trunc(at < 0 ? at + length : at)));
  const from = start === undefined ? (step > 0 ? 0 : length - 1) : clamp(start);
  const to = end === undefined ? (step > 0 ? length : -1) : clamp(end);
  for (let i = from; step > 0 ? i < to : i > to; i += step) yield i;
}
