import { readFileSync } from 'node:fs';
import type { Trace } from './trace.ts';

const LINE = /^([0-9a-f]+)-([0-9a-f]+) (\S+) (\S+) (\S+) (\d+) +(.*)$/;

/** Where the memory of a process is shared with others: mappings of a `memfd` and of files in /dev/shm. */
const isShared = (path: string): boolean => path.startsWith('/memfd:') || path.startsWith('/dev/shm/');

/**
 * The shared mappings of this process.
 *
 * Counted in bytes for each file, for the kernel joins neighbouring mappings into one and splits one in two as it likes.
 */
export function mappingTraces(): Trace[] {
  const traces: Trace[] = [];
  for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const [, from, to, access, , , inode, path] = LINE.exec(line) ?? [];
    if (from === undefined || to === undefined || path === undefined || !isShared(path)) continue;
    const amount = Number.parseInt(to, 16) - Number.parseInt(from, 16);
    const text = `mapping ${from}-${to} (${amount} bytes, ${access}): ${path}`;
    traces.push({ kind: 'mapping', key: `${inode} ${path}`, amount, text });
  }
  return traces;
}

/** Whether a process of the given number has this file mapped or open. */
export function hasMapped(pid: number, path: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8').includes(path);
  } catch {
    return false; // Ended, or not ours to read.
  }
}
