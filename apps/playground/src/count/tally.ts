import type { Skipped } from '../files/walk.ts';

/** What was counted. */
export interface Tally {
  readonly files: number;
  readonly bytes: number;
  readonly words: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly skipped: readonly Skipped[];
}

/** Adds up what others have counted. */
export class Sum implements Tally {
  files = 0;
  bytes = 0;
  words = 0;
  readonly counts: Map<string, number> = new Map();
  readonly skipped: Skipped[] = [];

  add({ files, bytes, words, counts, skipped }: Tally): void {
    this.files += files;
    this.bytes += bytes;
    this.words += words;
    for (const [word, count] of counts) this.counts.set(word, (this.counts.get(word) ?? 0) + count);
    this.skipped.push(...skipped);
  }

  /** The most frequent words; of equally frequent ones, those that come first in the alphabet. */
  top(length: number): [word: string, count: number][] {
    return [...this.counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, length);
  }
}
