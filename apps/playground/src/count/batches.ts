import type { FoundFile } from './find-files.ts';

/** A task for one worker. */
export interface Batch {
  readonly paths: readonly string[];
  readonly bytes: number;
}

/** Tasks for each worker: enough that none waits long for the last one, and that progress can be seen. */
const BATCHES_PER_WORKER = 8;
/** Opening a file costs about as much as counting this much of it. */
const FILE_BYTES = 4096;

/** Cuts the work into tasks of about the same size. The largest come first, since nobody is to begin one at the end. */
export function batchesOf(files: readonly FoundFile[], workers: number): Batch[] {
  const cost = ({ bytes }: FoundFile): number => bytes + FILE_BYTES;
  const share = files.reduce((sum, file) => sum + cost(file), 0) / (workers * BATCHES_PER_WORKER);
  const batches: { paths: string[]; bytes: number }[] = [];
  let room = 0;
  for (const file of files.toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))) {
    if (room <= 0) {
      batches.push({ paths: [], bytes: 0 });
      room = share;
    }
    const batch = batches.at(-1) as (typeof batches)[number];
    batch.paths.push(file.path);
    batch.bytes += file.bytes;
    room -= cost(file);
  }
  return batches;
}
