import { readFileSync } from 'node:fs';

export interface Stat {
  /** The letter that `ps` shows. */
  readonly state: string;
  readonly parent: number;
  /** Clock ticks since boot; with the pid, an identity that is never used again. */
  readonly start: string;
}

/** What /proc says of a process, or undefined when there is none of that number. */
export function statOf(pid: number | 'self'): Stat | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // It has ended, or it is not ours to read.
  }
  // The name stands in brackets and may hold anything, brackets and spaces too.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '?', parent: Number(fields[1]), start: fields[19] ?? '?' };
}

/** Whether a process is there and has not ended. One that nobody has collected yet has ended. */
export const isRunning = (pid: number): boolean => !['Z', 'X', undefined].includes(statOf(pid)?.state);

/** Whether a process was stopped by a signal. */
export const isStopped = (pid: number): boolean => statOf(pid)?.state === 'T';
