import { numberOfSignal } from '../signal-names.ts';
import type { Ending } from './launcher.ts';

/** Somebody else has reaped the child, so nobody can know how it ended. */
export const UNKNOWN: Ending = { exitCode: 255 };

/** What `Process.exitCode` says of a child that ended with a code or by a signal. */
export const exitCodeOf = (code: number | null, signal: string | null): number => code ?? -numberOfSignal(signal ?? '');
