/**
 * How many items a chunk has if the user does not say: about four chunks for each worker, so that the slowest chunk
 * makes nobody wait for long, and few enough messages. As in Python.
 */
export function defaultChunkSize(items: number, workers: number): number {
  return Math.max(1, Math.ceil(items / (workers * 4)));
}

/** @throws RangeError. Python takes 0 for «one chunk of nothing» and returns a list of None. */
export function checkChunkSize(chunkSize: unknown): number {
  if (typeof chunkSize === 'number' && Number.isInteger(chunkSize) && chunkSize >= 1) return chunkSize;
  throw Object.assign(new RangeError(`chunkSize is ${String(chunkSize)}: it must be an integer of 1 or more.`), {
    code: 'ERR_OUT_OF_RANGE',
  });
}
