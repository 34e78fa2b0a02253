import { progressBar } from '@mp/multiprocessing';
import { argumentsOf, type Job, JobError, reasonOf } from '../job.ts';
import { number, plural } from '../report.ts';
import { type Hashed, hashFolder } from './hash.ts';

export const hashJob: Job = {
  name: 'hash',
  usage: 'FOLDER',
  shows: 'prints the SHA-256 of every file in a folder, as sha256sum does',
  prepare(args) {
    const { positionals, workers } = argumentsOf(args, 1);
    const [folder] = positionals;
    if (folder === undefined) throw new TypeError('hash needs a folder');
    return () => hash(folder, workers);
  },
};

async function hash(folder: string, workers: number | undefined): Promise<boolean> {
  let hashed: Hashed;
  try {
    hashed = await hashFolder(folder, { workers, onProgress: progressBar('hashing'), print });
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'scandir') throw error;
    throw new JobError(`${folder} cannot be read: ${reasonOf(error)}`);
  }
  const { files, bytes, failures, seconds } = hashed;
  // Not among the sums, which are for another program to read.
  console.error(
    `${plural(files, 'file')} of ${(bytes / 2 ** 20).toFixed(1)} MiB, ${seconds.toFixed(2)} s, ` +
      plural(hashed.workers, 'worker'),
  );
  if (failures.length > 0) console.error(`${number(failures.length)} without a sum:`);
  for (const { path, why } of failures) console.error(`  ${path}: ${why}`);
  return failures.length === 0;
}

const ERASE_LINE = '\r\u001b[K';

/** Onto the standard output; on a terminal in the place of the progress bar, which is drawn again below. */
function print(lines: Buffer): Promise<void> {
  const { stdout, stderr } = process;
  if (stdout.isTTY && stderr.isTTY) stderr.write(ERASE_LINE);
  return new Promise((resolve, reject) => stdout.write(lines, (error) => (error ? reject(error) : resolve())));
}
