import { cpuCount, Pool } from '@mp/multiprocessing';
import { batchesOf } from './batches.ts';
import { countFiles } from './count-files.ts';
import { findFiles } from './find-files.ts';
import { Progress, type ProgressStream } from './progress.ts';
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
  readonly workers?: number | undefined;
  readonly progress: ProgressStream;
}

/**
 * Counts the words of all Markdown and TypeScript files in a folder, on all cores.
 *
 * @throws the error of the system if the folder cannot be read
 */
export async function countFolder(root: string, { workers = cpuCount(), progress }: CountOptions): Promise<Counted> {
  const begun = performance.now();
  const { files, skipped } = await findFiles(root);
  const sum = new Sum();
  sum.skipped.push(...skipped);
  const failures: Failure[] = [];
  if (files.length > 0) {
    const bar = new Progress(progress, files.length, 'files');
    const pool = new Pool(workers);
    const tasks = batchesOf(files, workers).map(async ({ paths }) => {
      try {
        sum.add(await pool.applyAsync(countFiles, [paths]));
      } catch (error) {
        failures.push({ files: paths.length, error });
      }
      bar.advance(paths.length);
    });
    await Promise.all(tasks);
    pool.close();
    await pool.join();
  }
  // They come as the workers find them.
  sum.skipped.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { sum, workers, seconds: (performance.now() - begun) / 1000, failures };
}
