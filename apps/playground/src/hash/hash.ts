import { BrokenPoolError, cpuCount, type OnProgress, Pool } from '@mp/multiprocessing';
import type { Skipped } from '../files/walk.ts';
import { reasonOf } from '../job.ts';
import { bytesOf, findTree, textOf } from './find-tree.ts';
import { hashFile } from './hash-file.ts';
import { sumLine } from './sum-line.ts';

/** What was hashed. */
export interface Hashed {
  readonly files: number;
  readonly bytes: number;
  /** What has no sum, and why. */
  readonly failures: readonly Skipped[];
  readonly workers: number;
  readonly seconds: number;
}

interface HashOptions {
  /** Default: as many as there are cores. */
  readonly workers?: number | undefined;
  /** Told after each task how many files are done. */
  readonly onProgress?: OnProgress | undefined;
  /** How many files workers may be ahead of what was printed. Default 1024. */
  readonly ahead?: number | undefined;
  /** Takes lines as `sha256sum` prints them. As long as it does not return, no more is read than is on its way. */
  readonly print: (lines: Buffer) => Promise<void>;
}

/** Small files take less time than a message; but the last task is not to be a long one. */
const FILES_PER_TASK = 8;
const FILES_AHEAD = 1024;
/** How often a task is done again if its worker is lost. */
const RETRIES = 2;
/** So many lines are printed at once. */
const PRINT_BYTES = 1 << 14;

/**
 * Hashes every regular file of a folder and the folders in it, on all cores, and prints the sums in the order of the paths.
 *
 * @throws the error of the system if the folder itself cannot be read; what `print` throws
 */
export async function hashFolder(folder: string, options: HashOptions): Promise<Hashed> {
  const { workers = cpuCount(), ahead = FILES_AHEAD, onProgress, print } = options;
  const begun = performance.now();
  const { paths, skipped } = await findTree(folder);
  const failures = [...skipped];
  let bytes = 0;
  if (paths.length > 0) {
    const pool = new Pool(workers);
    try {
      const digests = pool.imap(hashFile, paths, {
        chunkSize: FILES_PER_TASK,
        bufferSize: ahead,
        retries: RETRIES,
        onProgress,
      });
      let lines = '';
      for (const path of paths) {
        try {
          const { value } = await digests.next();
          if (value === undefined) break;
          lines += sumLine(value.sha256, path);
          bytes += value.bytes;
        } catch (error) {
          if (error instanceof BrokenPoolError) throw error;
          failures.push({ path: textOf(path), why: reasonOf(error) });
        }
        if (lines.length < PRINT_BYTES) continue;
        await print(bytesOf(lines));
        lines = '';
      }
      await print(bytesOf(lines));
    } finally {
      pool.terminate();
      await pool.join();
    }
  }
  const files = paths.length - (failures.length - skipped.length);
  return { files, bytes, failures, workers, seconds: (performance.now() - begun) / 1000 };
}
