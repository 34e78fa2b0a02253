import { closeSync, openSync } from 'node:fs';
import { closeDescriptor, threadId } from '@mp/native';

/** Only the main thread is ever forked, so this stays true of a process. */
const isWorker = threadId() !== process.pid;

/**
 * Takes over a descriptor, unless it throws, that is to be open for as long as something is used here.
 *
 * A worker thread that ends, or is terminated, closes what it has opened with `fs`, and nothing else: so there it is
 * opened once more, in that way.
 *
 * @returns what to use instead, and to close with {@link letGoOf}
 */
export function keep(descriptor: number): number {
  if (!isWorker) return descriptor;
  const own = openSync(`/proc/self/fd/${descriptor}`, 'r+');
  closeDescriptor(descriptor);
  return own;
}

export function letGoOf(descriptor: number): void {
  if (isWorker) closeSync(descriptor);
  else closeDescriptor(descriptor);
}
