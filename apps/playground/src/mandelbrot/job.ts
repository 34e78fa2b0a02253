import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { progressBar } from '@mp/multiprocessing';
import { argumentsOf, type Job, JobError, reasonOf, wholeNumber } from '../job.ts';
import { number, plural } from '../report.ts';
import { drawMandelbrot } from './mandelbrot.ts';
import type { View } from './view.ts';

const MOST_POINTS = 32_768;
const MOST_ITERATIONS = 1_000_000;

export const mandelbrotJob: Job = {
  name: 'mandelbrot',
  usage: '[FILE] [--size 1600x1200] [--iterations 1000]',
  shows: 'draws the Mandelbrot set into a PNG file; default: mandelbrot.png',
  prepare(args) {
    const { positionals, values, workers } = argumentsOf(args, 1, ['size', 'iterations']);
    const [file = 'mandelbrot.png'] = positionals;
    const { size = '1600x1200', iterations = '1000' } = values;
    const [, width, height] = /^(\w+)x(\w+)$/i.exec(size) ?? [];
    if (width === undefined || height === undefined) {
      throw new TypeError(`--size is to be width and height, such as 1600x1200, not ${size}`);
    }
    const view = {
      width: wholeNumber('The width', width, 1, MOST_POINTS),
      height: wholeNumber('The height', height, 1, MOST_POINTS),
      iterations: wholeNumber('--iterations', iterations, 1, MOST_ITERATIONS),
    };
    return () => draw(file, view, workers);
  },
};

async function draw(file: string, view: View, workers: number | undefined): Promise<boolean> {
  const cannot = (error: unknown): never => {
    throw new JobError(`${file} cannot be written: ${reasonOf(error)}`);
  };
  // Before hours of work, and not after them.
  await checkWritable(file).catch(cannot);
  const picture = await drawMandelbrot(view, { workers, onProgress: progressBar('drawing') });
  await writeFile(file, picture.png).catch(cannot);

  const { png, members, seconds } = picture;
  const bytes = png.reduce((sum, { length }) => sum + length, 0);
  console.log(
    `${file}: ${number(view.width)} × ${number(view.height)} points, ${number(members)} of them in the set ` +
      `after ${number(view.iterations)} steps; ${(bytes / 2 ** 20).toFixed(1)} MiB, ${seconds.toFixed(2)} s, ` +
      `${plural(picture.workers, 'worker')}`,
  );
  return true;
}

async function checkWritable(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isDirectory()) throw new Error('it is a folder');
  await access(found === undefined ? dirname(file) : file, constants.W_OK);
}
