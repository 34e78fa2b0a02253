import type { Report, Sizes } from './row.ts';

/** A program that was started and can be measured, round after round. */
export interface Session<R extends Report = Report> {
  /** Does the work once and reports on it. Only the work is within the time that it reports. */
  round(): R | Promise<R>;
  /** Does enough of the work that the next round runs at full speed. Default: a round. */
  warm?(): unknown;
  /** Ends everything that was started. */
  close(): void | Promise<void>;
}

/**
 * The program of a participant: makes everything ready.
 *
 * @param participant - for whom: a program may serve several
 */
export type Program<S extends Sizes = Sizes, R extends Report = Report> = (
  sizes: S,
  participant: string,
) => Session<R> | Promise<Session<R>>;
