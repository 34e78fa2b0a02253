import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a process occupies, in bytes. */
export interface Memory {
  /** Its proportional set size: of pages that several processes share, its share. */
  readonly pss: number;
  /** Its resident set size: all of those pages. */
  readonly rss: number;
}

/** A process that has nothing to do is left alone for so long, until it has nothing left to tidy up. */
const SETTLING_MS = 400;

export const settle = (): Promise<void> => sleep(SETTLING_MS);

/** What Linux says of a process. */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return { pss: bytesIn(text, 'Pss'), rss: bytesIn(text, 'Rss') };
}

/** @throws Error if there is no such line */
export function bytesIn(rollup: string, name: string): number {
  const [, kib] = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(rollup) ?? [];
  if (kib === undefined) throw new Error(`smaps_rollup has no line ${name}.`);
  return Number(kib) * 1024;
}

/** A worker's memory, beside that of a Node that only waits; both are looked at in the same moment. */
export async function besideBareNode(
  worker: number,
): Promise<{ pss: number; rss: number; barePss: number; bareRss: number }> {
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
  await once(bare, 'spawn');
  try {
    await settle();
    const { pss: barePss, rss: bareRss } = memoryOf(bare.pid!);
    return { ...memoryOf(worker), barePss, bareRss };
  } finally {
    bare.kill('SIGKILL');
    await once(bare, 'exit');
  }
}

/** By how much this process grows by what is done. For threads, whose memory nobody can tell from the process's. */
export async function growthBy(
  work: () => Promise<void>,
): Promise<{ pss: number; rss: number; barePss: number; bareRss: number }> {
  await settle();
  const { pss: barePss, rss: bareRss } = memoryOf(process.pid);
  await work();
  await settle();
  return { ...memoryOf(process.pid), barePss, bareRss };
}
