import type { RowResult } from './measure.ts';

/** A row in the file that `--json` writes. */
export interface JsonRow {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Null: our program failed. */
  readonly ours: number | null;
  /** CPython and the Node peers, each by its name; who was left out or failed is not there. */
  readonly peers: Readonly<Record<string, number>>;
  /** How many times better than CPython; null if that cannot be told. */
  readonly ratio: number | null;
  /** What `ratio` has to be at least; for pool.map.cpu and memory.process, the bound of `ours` itself. */
  readonly goal: number;
  /** Null: it cannot be told, for something that the goal speaks of was left out. */
  readonly met: boolean | null;
}

export function jsonRow({ row, ours, peers, verdict }: RowResult): JsonRow {
  return {
    name: row.name,
    unit: row.unit,
    better: row.better,
    ours: ours?.median ?? null,
    peers: Object.fromEntries([...peers].map(([name, { median }]) => [name, median])),
    ratio: verdict.ratio,
    goal: row.goal.value,
    met: verdict.met,
  };
}
