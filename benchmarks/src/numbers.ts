import type { Figure } from './statistics.ts';

/** Three digits that matter, and no more: the rounds differ in the third. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 999_500) return `${shown(value / 1e6)} M`;
  if (size >= 9_995) return `${shown(value / 1e3)} k`;
  if (size >= 99.95) return value.toFixed(0);
  if (size >= 9.995) return value.toFixed(1);
  return value.toFixed(2);
}

/** The median, and the lowest and the highest round in brackets. */
export function shownFigure({ median, lowest, highest }: Figure): string {
  return `${shown(median)} (${shown(lowest)}…${shown(highest)})`;
}

export const shownTimes = (times: number | null): string => (times === null ? '–' : `${shown(times)}×`);

export const shownMet = (met: boolean | null): string => (met === null ? '?' : met ? 'yes' : 'NO');
