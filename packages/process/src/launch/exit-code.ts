import { numberOfSignal } from '../signal-names.ts';

/** What `Process.exitCode` says of a child that ended with a code or by a signal. */
export const exitCodeOf = (code: number | null, signal: string | null): number => code ?? -numberOfSignal(signal ?? '');
