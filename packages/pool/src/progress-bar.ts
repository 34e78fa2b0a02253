import type { OnProgress, Progress } from './progress.ts';

/** Where a bar is drawn. */
export interface ProgressBarOptions {
  /** What stands before it. */
  readonly label?: string | undefined;
  /** Default: the standard error. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

/** How often it is drawn: more often nobody sees. */
const DRAW_EVERY_MS = 50;
/** Where there is no terminal, a line at each of these steps. */
const LINES = 10;

/**
 * A bar that shows how far a map or an imap has come, with the time that is left: the `onProgress` of one call.
 *
 * On a terminal it is one line that is drawn again and again, and ended by a line feed when everything is done. Where it
 * is narrow, the bar gives way to the figures.
 * Elsewhere, in a log for instance, it is a line for each tenth.
 *
 * @param options - or just the label
 *
 * @example
 * ```ts
 * await pool.map(hash, files, { onProgress: progressBar('hashing') });
 * // hashing ████████████░░░░░░░░  60%  1234/2056  3 s left
 * ```
 */
export function progressBar(options: ProgressBarOptions | string = {}): OnProgress {
  const { label = '', stream = process.stderr } = typeof options === 'string' ? { label: options } : options;
  const began = performance.now();
  let drawn = Number.NEGATIVE_INFINITY;
  let lines = 0;
  return (progress) => {
    const now = performance.now();
    const isLast = progress.done === progress.total;
    const room = stream.isTTY === true ? (stream.columns ?? 80) - 1 : 0;
    const text = describeProgress(label, progress, now - began, room);
    if (stream.isTTY !== true) {
      const step = progress.total === undefined ? progress.done : Math.floor((progress.done / progress.total) * LINES);
      if (step <= lines) return;
      lines = progress.total === undefined ? step * 2 - 1 : step;
      stream.write(`${text}\n`);
      return;
    }
    if (!isLast && now - drawn < DRAW_EVERY_MS) return;
    drawn = now;
    // To the beginning of the line; and what an earlier, longer text left behind is erased.
    stream.write(`\r${text.slice(0, room)}\u001b[K${isLast ? '\n' : ''}`);
  };
}

const WIDTH = 20;
/** Of a bar with fewer steps nobody has anything. */
const LEAST_WIDTH = 4;

/** @param room - for all of it with a bar, which is shorter, or left out, where there is little; 0: without a bar */
function describeProgress(label: string, { done, total }: Progress, elapsed: number, room: number): string {
  const parts = label === '' ? [] : [label];
  if (total === undefined) return [...parts, `${done}`, `${seconds(elapsed)}`].join(GAP);
  const share = total === 0 ? 1 : done / total;
  const figures = [`${Math.floor(share * 100)}%`.padStart(4), `${done}/${total}`];
  figures.push(done === total ? seconds(elapsed) : `${seconds((elapsed / Math.max(done, 1)) * (total - done))} left`);
  const width = Math.min(WIDTH, room - [...parts, '', ...figures].join(GAP).length);
  if (width >= LEAST_WIDTH) {
    const full = Math.round(share * width);
    parts.push('█'.repeat(full) + '░'.repeat(width - full));
  }
  return [...parts, ...figures].join(GAP);
}

const GAP = '  ';

function seconds(milliseconds: number): string {
  const all = Math.round(milliseconds / 1000);
  return all < 60 ? `${all} s` : `${Math.floor(all / 60)} min ${all % 60} s`;
}
