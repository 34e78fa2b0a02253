/**
 * Who a process is. A pid alone does not say: the system gives it to another process later. A pid and the time when
 * that process started do, within one boot and one container (PID namespace).
 *
 * @module
 */
import { addon } from './addon.ts';

/**
 * When a process was started, in clock ticks since the system was booted.
 *
 * @returns undefined when there is no such process, or when it is a zombie: one that has ended, and whose parent has
 *   not asked for its exit code yet. It does nothing any more, and holds nothing.
 * @throws Error with `pid` when it exists but `/proc` is not mounted, or hides it
 */
export function processStartTime(pid: number): bigint | undefined {
  return addon().processStartTime(pid);
}

/** Whether the process that had this pid and this start time is still living, and not merely one with its pid. */
export function isProcessAlive(pid: number, startTime: bigint): boolean {
  return addon().isProcessAlive(pid, startTime);
}

/**
 * The number of the calling thread. In the main thread it is the pid. Threads and processes share their numbers, so
 * {@link processStartTime} and {@link isProcessAlive} tell of threads, too.
 */
export function threadId(): number {
  return addon().threadId();
}
