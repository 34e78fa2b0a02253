import { readdirSync, readFileSync } from 'node:fs';
import { statOf } from './process-state.ts';
import type { Trace } from './trace.ts';

/**
 * The living descendants of this process: those that still hang on it, and the orphans.
 *
 * The kernel knows a process's children, so the tree is walked downwards. A grandchild whose parent was killed belongs to
 * init and is on no branch of ours any more; it is known by a mark in the environment that it was started with.
 * An orphan of `fork` without `exec` carries no such mark (its environment, as the kernel shows it, is that of the
 * program start) and is not found.
 */
const MARK = 'MP_TESTING_FAMILY';

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // It ended between the listing and the reading, or it is not ours to read.
  }
}

function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) => {
    const line = readIfThere(`/proc/${pid}/task/${thread}/children`) ?? '';
    return line.split(' ').filter(Boolean).map(Number);
  });
}

const ownMark = `/${process.pid}.${statOf('self')?.start}/`;

/** Marks this process, so that those it starts from now on are known as its own even when they are orphans. */
export function markFamily(): void {
  const marks = process.env[MARK] ?? '';
  if (!marks.includes(ownMark)) process.env[MARK] = marks + ownMark;
}

function markedProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && readIfThere(`/proc/${pid}/environ`)?.includes(ownMark));
}

/** The numbers of all living descendants. */
export function familyPids(): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [...childrenOf(process.pid), ...markedProcesses()];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    open.push(...childrenOf(pid));
  }
  return found;
}

/** The living descendants, and the dead ones whose exit code nobody has collected. */
export function familyTraces(): Trace[] {
  const traces: Trace[] = [];
  for (const pid of familyPids()) {
    const stat = statOf(pid);
    if (stat === undefined || stat.state === 'X') continue;
    const command = readIfThere(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
    const what = stat.state === 'Z' ? 'zombie, its exit code was never collected' : command || '(no command line)';
    const whose = stat.parent === process.pid ? '' : `, a child of ${stat.parent}`;
    traces.push({ kind: 'process', key: `${pid}.${stat.start}`, amount: 1, text: `process ${pid}${whose}: ${what}` });
  }
  return traces;
}
