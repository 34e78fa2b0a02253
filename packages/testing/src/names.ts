import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { familyPids } from './family.ts';
import { hasMapped } from './mappings.ts';
import type { Trace } from './trace.ts';

const SHARED_MEMORY = '/dev/shm';

function listing(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // No such folder, or not ours to read.
  }
}

/** Files by path and inode, so that a name that was removed and made anew is new; without those that vanish meanwhile. */
function traceOf(path: string, what: string): Trace[] {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file === undefined || file.uid !== process.getuid?.()) return [];
  return [{ kind: 'name', key: `${path} ${file.ino}`, amount: 1, text: `${what} ${path}` }];
}

/** The names in /dev/shm that belong to our user. */
function sharedMemoryTraces(): Trace[] {
  return listing(SHARED_MEMORY).flatMap((entry) => traceOf(join(SHARED_MEMORY, entry.name), 'shared memory'));
}

/** The unix sockets in the folder for temporary files and in the folders that stand in it. */
function socketTraces(): Trace[] {
  return listing(tmpdir()).flatMap((entry) => {
    const path = join(tmpdir(), entry.name);
    if (entry.isSocket()) return traceOf(path, 'unix socket');
    if (!entry.isDirectory()) return [];
    const inner = listing(path).filter((file) => file.isSocket());
    return inner.flatMap((file) => traceOf(join(path, file.name), 'unix socket'));
  });
}

/** Names in the file system through which processes find shared memory and each other. */
export function nameTraces(): Trace[] {
  return [...sharedMemoryTraces(), ...socketTraces()];
}

/**
 * Whether a name in /dev/shm is none of ours, or in the hands of a process that is not of our family.
 *
 * The folder is common to the whole machine, and other tests run beside this one.
 *
 * @param ours - which names, without the folder, are ours
 */
export function isForeign(trace: Trace, ours: RegExp | undefined): boolean {
  const path = trace.key.slice(0, trace.key.lastIndexOf(' '));
  if (trace.kind !== 'name' || !path.startsWith(SHARED_MEMORY)) return false;
  if (ours === undefined || !ours.test(path.slice(SHARED_MEMORY.length + 1))) return true;
  const family = familyPids();
  return listing('/proc').some(({ name }) => {
    const pid = Number(name);
    return pid > 0 && pid !== process.pid && !family.has(pid) && hasMapped(pid, path);
  });
}
