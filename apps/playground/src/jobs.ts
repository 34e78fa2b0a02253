import { countJob } from './count/job.ts';
import { hashJob } from './hash/job.ts';
import type { Job } from './job.ts';
import { mandelbrotJob } from './mandelbrot/job.ts';
import { primesJob } from './primes/job.ts';

/** What the playground can do beside its scenarios. The first is the main job. */
export const JOBS: readonly Job[] = [countJob, mandelbrotJob, primesJob, hashJob];
