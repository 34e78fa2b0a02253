import { readFileSync } from 'node:fs';

/** Whether a process is there and has not ended. One that nobody has collected yet has ended. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !['Z', 'X'].includes(stat[stat.lastIndexOf(')') + 2] as string);
  } catch {
    return false;
  }
}
