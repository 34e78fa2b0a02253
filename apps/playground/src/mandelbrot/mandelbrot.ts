import { callable, cpuCount, type OnProgress, Pool } from '@mp/multiprocessing';
import { type Band, drawBand, type Rows } from './band.ts';
import { pngOf } from './png.ts';
import type { View } from './view.ts';

/** A picture, and what is to be seen on it. */
export interface Picture {
  /** The file, in pieces. */
  readonly png: readonly Buffer[];
  /** How many points are in the set. */
  readonly members: number;
  readonly workers: number;
  readonly seconds: number;
}

interface DrawOptions {
  /** Default: as many as there are cores. */
  readonly workers?: number | undefined;
  /** Told after each row or some of them. */
  readonly onProgress?: OnProgress | undefined;
}

/** So much is drawn at a time: not so little that messages would count, nor so much that a worker waits for the last. */
const POINTS_PER_BAND = 1 << 14;
/** How often a band is drawn anew if its worker is lost. */
const RETRIES = 2;

/**
 * Draws the Mandelbrot set on all cores. The bands come in their order and are packed at once, so that in memory there is
 * the packed picture, and only so much of the other as the workers are ahead.
 */
export async function drawMandelbrot(
  view: View,
  { workers = cpuCount(), onProgress }: DrawOptions = {},
): Promise<Picture> {
  const begun = performance.now();
  const pool = new Pool(workers);
  try {
    const bands = pool.imap(callable(drawBand, view), bandsOf(view), { retries: RETRIES, onProgress });
    let members = 0;
    const png = await pngOf(
      view.width,
      view.height,
      linesOf(bands, (more) => (members += more)),
    );
    return { png, members, workers, seconds: (performance.now() - begun) / 1000 };
  } finally {
    pool.terminate();
    await pool.join();
  }
}

/** The rows of the picture, in tasks. */
export function bandsOf({ width, height }: View): Rows[] {
  const rows = Math.max(1, Math.floor(POINTS_PER_BAND / width));
  return Array.from({ length: Math.ceil(height / rows) }, (_, i) => ({
    from: i * rows,
    to: Math.min((i + 1) * rows, height),
  }));
}

async function* linesOf(bands: AsyncIterable<Band>, count: (members: number) => void): AsyncGenerator<Uint8Array> {
  for await (const { lines, members } of bands) {
    count(members);
    yield lines;
  }
}
