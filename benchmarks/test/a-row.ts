import type { Report } from '../src/row.ts';
import type { NamedRow } from '../src/rows.ts';

/** A row like those in rows/, with programs nowhere. */
export const aRow = (differences: Partial<NamedRow> = {}): NamedRow => ({
  name: 'pipe.test',
  folder: new URL('../src/rows/nowhere/', import.meta.url),
  work: 'something to do',
  unit: 'µs',
  better: 'lower',
  goal: { kind: 'times', value: 2 },
  sizes: { full: { count: 10 }, quick: { count: 1 } },
  figure: ({ seconds = Number.NaN }: Report) => seconds * 1e6,
  expected: () => ({ sum: 45 }),
  leftOut: {},
  ...differences,
});
