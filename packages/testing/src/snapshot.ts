import { descriptorTraces, openLazyDescriptors } from './descriptors.ts';
import { familyTraces, markFamily } from './family.ts';
import { loopTraces } from './loop.ts';
import { mappingTraces } from './mappings.ts';
import { nameTraces } from './names.ts';
import { watchTimers } from './timers.ts';
import type { Trace } from './trace.ts';

/** What existed at one moment; see {@link snapshot}. */
export interface Snapshot {
  readonly traces: readonly Trace[];
}

let prepared = false;

/** Once in a process, before the first look. */
function prepare(): void {
  if (prepared) return;
  prepared = true;
  if (process.platform !== 'linux') throw new Error('The leak check reads /proc and works on Linux only');
  markFamily();
  watchTimers();
  openLazyDescriptors();
}

export function look(): Trace[] {
  return [...familyTraces(), ...descriptorTraces(), ...mappingTraces(), ...nameTraces(), ...loopTraces()];
}

/**
 * Notes what exists now: living descendants, open descriptors, shared mappings, names in /dev/shm and unix sockets in
 * the folder for temporary files, and whatever keeps the event loop alive. To be compared by {@link expectNothingLeft}.
 *
 * The first call marks this process (by an environment variable that its children inherit) and opens what Node opens
 * only once.
 */
export function snapshot(): Snapshot {
  prepare();
  return { traces: look() };
}
