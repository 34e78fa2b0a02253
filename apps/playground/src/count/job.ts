import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { progressBar } from '@mp/multiprocessing';
import { argumentsOf, type Job, JobError, reasonOf } from '../job.ts';
import { type Counted, countFolder } from './count.ts';
import { summaryOf } from './summary.ts';

const REPOSITORY = dirname(fileURLToPath(new URL('../../..', import.meta.url)));

export const countJob: Job = {
  name: 'count',
  usage: '[FOLDER]',
  shows: 'counts the words of the Markdown and TypeScript files in a folder; default: in this repository',
  prepare(args) {
    const { positionals, workers } = argumentsOf(args, 1);
    const [folder = REPOSITORY] = positionals;
    return () => count(folder, workers);
  },
};

async function count(folder: string, workers: number | undefined): Promise<boolean> {
  console.log(`The words of all Markdown and TypeScript files in ${folder}`);
  let counted: Counted;
  try {
    counted = await countFolder(folder, { workers, onProgress: progressBar('counting') });
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new JobError(`${folder} cannot be read: ${reasonOf(error)}`);
  }
  for (const line of summaryOf(folder, counted)) console.log(line);
  return counted.failures.length === 0;
}
