import { cpuCount, type OnProgress, Pool } from '@mp/multiprocessing';
import { batchesOf } from './batches.ts';
import { countFiles } from './count-files.ts';
import { findFiles } from './find-files.ts';
import { Sum } from './tally.ts';

/** What was counted, and by whom. */
export interface Counted {
  readonly sum: Sum;
  readonly workers: number;
  readonly seconds: number;
  /** Tasks that have no result; then the numbers are too small. */
  readonly failures: readonly Failure[];
}

interface Failure {
  readonly files: number;
  readonly error: unknown;
}

export interface CountOptions {
  /** Default: as many as there are cores. */
  readonly workers?: number | undefined;
  /** How often files are counted again if their worker is lost in the middle of them. Default 2. */
  readonly retries?: number | undefined;
  /** Told after each task how many files are done. */
  readonly onProgress?: OnProgress | undefined;
}

const RETRIES = 2;

/**
 * Counts the words of all Markdown and TypeScript files in a folder, on all cores.
 *
 * @throws the error of the system if the folder cannot be read
 */
export async function countFolder(root: string, options: CountOptions = {}): Promise<Counted> {
  const { workers = cpuCount(), retries = RETRIES, onProgress } = options;
  const begun = performance.now();
  const { files, skipped } = await findFiles(root);
  const sum = new Sum();
  sum.skipped.push(...skipped);
  const failures: Failure[] = [];
  if (files.length > 0) {
    let done = 0;
    const pool = new Pool(workers);
    const tasks = batchesOf(files, workers).map(async ({ paths }) => {
      try {
        sum.add(await pool.applyAsync(countFiles, [paths], { retries }));
      } catch (error) {
        failures.push({ files: paths.length, error });
      }
      done += paths.length;
      onProgress?.({ done, total: files.length });
    });
    await Promise.all(tasks);
    pool.close();
    await pool.join();
  }
  // They come as the workers find them.
  sum.skipped.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { sum, workers, seconds: (performance.now() - begun) / 1000, failures };
}
