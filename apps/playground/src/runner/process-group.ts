import { readdirSync, readFileSync } from 'node:fs';

/** A process of a group. */
export interface Member {
  readonly pid: number;
  readonly command: string;
}

/**
 * The processes that a program has started, and that have started from those: each program that we run leads a group of
 * its own. Who has ended is no member any more, also if nobody has asked for its exit code.
 */
export function membersOf(group: number): Member[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isMember(pid, group))
    .map((pid) => ({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }));
}

function isMember(pid: number, group: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  // The name stands in brackets and may hold anything, brackets and spaces too.
  const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(itsGroup) === group && state !== 'Z' && state !== 'X';
}

/** Ends all members. The number of a group is not given to another one while it has members, so nobody else is hit. */
export function endGroup(group: number): void {
  if (membersOf(group).length === 0) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    // The last one has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended between the listing and the reading.
  }
}
