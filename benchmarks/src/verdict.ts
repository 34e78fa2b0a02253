import type { Goal } from './row.ts';

/** Against every Node peer that can do a row. */
export const PEER_GOAL = 1.5;

/**
 * How many times better one figure is than another: more than 1 is better, whatever the unit.
 *
 * @returns null if that cannot be said: one of them is missing, or not above 0 (the memory that a worker has beyond a
 * bare one may be nothing at all)
 */
export function timesBetter(
  better: 'higher' | 'lower',
  ours: number | undefined,
  other: number | undefined,
): number | null {
  if (ours === undefined || other === undefined || !(ours > 0) || !(other > 0)) return null;
  return better === 'higher' ? ours / other : other / ours;
}

/** A limit that our figure is compared with. */
export interface LimitFigure {
  readonly figure: number | undefined;
  readonly atMost: number | undefined;
}

export interface Verdict {
  /** How many times better than CPython; null if CPython's figure is missing. */
  readonly ratio: number | null;
  /** Null: it cannot be told, because something that the goal speaks of is missing. */
  readonly met: boolean | null;
}

/** Whether we are fast enough. Nothing is rounded first. */
export function judge(
  { better, goal }: { readonly better: 'higher' | 'lower'; readonly goal: Goal },
  ours: number | undefined,
  cpython: number | undefined,
  limits: readonly LimitFigure[] = [],
): Verdict {
  const ratio = timesBetter(better, ours, cpython);
  if (ours === undefined) return { ratio, met: false };
  const parts = [meets(goal, ours, ratio)];
  for (const { figure, atMost } of limits) {
    if (atMost !== undefined) parts.push(figure === undefined ? null : ours <= figure * atMost);
  }
  if (parts.includes(false)) return { ratio, met: false };
  return { ratio, met: parts.includes(null) ? null : true };
}

function meets(goal: Goal, ours: number, ratio: number | null): boolean | null {
  switch (goal.kind) {
    case 'times':
      return ratio === null ? null : ratio >= goal.value;
    case 'at least':
      return ours >= goal.value;
    case 'at most':
      return ours <= goal.value;
  }
}
