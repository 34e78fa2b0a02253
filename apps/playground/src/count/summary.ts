import { relative } from 'node:path';
import { number, plural } from '../report.ts';
import type { Counted } from './count.ts';

const MOST_SKIPPED = 10;
const TOP = 10;

/** What was counted, in words: the top ten, the totals, and what is missing from them. */
export function summaryOf(root: string, { sum, workers, seconds, failures }: Counted): string[] {
  const top = sum.top(TOP);
  const width = Math.max(0, ...top.map(([word]) => word.length));
  const digits = number(top[0]?.[1] ?? 0).length;
  const lines = top.map(([word, count]) => `  ${word.padEnd(width)}  ${number(count).padStart(digits)}`);
  lines.push(
    `${number(sum.words)} words (${number(sum.counts.size)} different) in ${number(sum.files)} files ` +
      `of ${(sum.bytes / 2 ** 20).toFixed(1)} MiB, ${seconds.toFixed(2)} s, ${plural(workers, 'worker')}`,
  );
  if (sum.skipped.length > 0) lines.push(`${number(sum.skipped.length)} not counted:`);
  for (const { path, why } of sum.skipped.slice(0, MOST_SKIPPED)) lines.push(`  ${relative(root, path)}: ${why}`);
  if (sum.skipped.length > MOST_SKIPPED) lines.push(`  and ${number(sum.skipped.length - MOST_SKIPPED)} more`);
  for (const { files, error } of failures) lines.push(`FAIL  ${plural(files, 'file')} not counted: ${error}`);
  return lines;
}
