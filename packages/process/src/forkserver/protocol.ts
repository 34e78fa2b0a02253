import type { Connection } from '@mp/connection/internal';
import type { Assignment, Preparation, Report } from '../protocol.ts';

/**
 * What a process and its fork server say to each other. Preparation and assignment of a child are none of the server's
 * business: they lie in the child's own connection already, as with `spawn`.
 *
 *     process                                            server
 *     ───────                                            ──────
 *     Setup                                     ───────▶ loads the modules, rehearses
 *     StartRequest 1, with the child's end      ───────▶ forks
 *                                               ◀─────── Started 1, or Refused 1
 *     opens a descriptor for the child's pid
 *     Opened 1                                  ───────▶ may give the number back to the system from now on
 *                                               ◀─────── Ended 1
 */

export type PreloadErrors = 'ignore' | 'warn' | 'fail';

export interface Setup {
  readonly kind: 'setup';
  readonly argv: readonly string[];
  readonly preload: readonly string[];
  readonly onError: PreloadErrors;
  /** The end of a child's connection, with an order for nothing. */
  readonly rehearsal: Connection<Preparation | Assignment, Report>;
}

export interface StartRequest {
  readonly kind: 'start';
  readonly id: number;
  readonly end: Connection<Preparation | Assignment, Report>;
  /** As they are at the moment of the start, not when the server was started. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface Opened {
  readonly kind: 'opened';
  readonly id: number;
}

export type ToServer = Setup | StartRequest | Opened;

export type FromServer =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string }
  | { readonly kind: 'ended'; readonly id: number; readonly exitCode: number };
