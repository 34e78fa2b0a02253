import { readFileSync } from 'node:fs';

/** Whether a process is there and has not ended. One that nobody has collected yet has ended. */
export const isRunning = (pid: number): boolean => !['Z', 'X', undefined].includes(stateOf(pid));

/** The letter that `ps` shows. */
function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat[stat.lastIndexOf(')') + 2];
  } catch {
    return undefined;
  }
}
