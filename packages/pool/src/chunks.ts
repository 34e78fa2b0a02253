/**
 * A chunk that has no more items than this is a message that fits into the ring, if they are small. Larger ones go in
 * memory of their own, fresh memory mostly, whose first touch takes longer than all the rest: a map of a million small
 * numbers took half as long again.
 */
const MOST_ITEMS = 4096;

/**
 * Where the chunks of a list begin and end if the user does not say how large they are: each is a quarter of an equal
 * share of what is left for each worker, so they become smaller and smaller. The first are large enough that few
 * messages are needed, the last so small that nobody waits for long for whoever got the slowest items.
 *
 * Python: all of the size of the first. Where the items are uneven, one worker is at it long after the others.
 */
export function* guidedChunks(items: number, workers: number): Generator<readonly [start: number, end: number]> {
  for (let start = 0; start < items; ) {
    const end = start + Math.min(MOST_ITEMS, Math.ceil((items - start) / (workers * 4)));
    yield [start, end];
    start = end;
  }
}

export function* equalChunks(items: number, size: number): Generator<readonly [start: number, end: number]> {
  for (let start = 0; start < items; start += size) yield [start, Math.min(start + size, items)];
}

/** @throws RangeError. Python takes 0 for «one chunk of nothing» and returns a list of None. */
export function checkChunkSize(chunkSize: unknown): number {
  return checkCount(chunkSize, 'chunkSize');
}

/** @throws RangeError unless it is a whole number of 1 or more */
export function checkCount(count: unknown, name: string): number {
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1) return count;
  throw Object.assign(new RangeError(`${name} is ${String(count)}: it must be an integer of 1 or more.`), {
    code: 'ERR_OUT_OF_RANGE',
  });
}
