/**
 * Ten processes print; a lock sees to it that their lines do not get mixed.
 *
 * From: Python docs, Synchronization between processes (row 8)
 * Look at: `withLock` gives the lock back whatever happens. If the process were killed while it has the lock, the next one
 *   would be told, and not wait for ever as in Python.
 *
 * Prints:
 *     ~ hello world 0
 *     ~ hello world 1
 *     ~ hello world 2
 *     ~ hello world 3
 *     ~ hello world 4
 *     ~ hello world 5
 *     ~ hello world 6
 *     ~ hello world 7
 *     ~ hello world 8
 *     ~ hello world 9
 */
import { writeSync } from 'node:fs';
import { isMainModule, Lock, Process } from '@mp/multiprocessing';

export function f(lock: Lock, i: number): void {
  lock.withLockSync(() => {
    // In two halves, between which another process could print.
    writeSync(1, 'hello world ');
    writeSync(1, `${i}\n`);
  });
}

if (isMainModule(import.meta)) {
  const lock = new Lock();
  for (let i = 0; i < 10; i++) await new Process({ target: f, args: [lock, i] }).start();
}
