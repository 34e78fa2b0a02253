/**
 * Processes by descriptor (pidfd, Linux 5.4): it stands for one process for ever, whatever becomes of its pid.
 *
 * @module
 */
import { addon } from './addon.ts';

/** How a process ended: one of the two is null. */
export interface ProcessEnd {
  /** What it passed to `exit`; null if a signal ended it. */
  readonly code: number | null;
  /** The name of the signal that ended it; null if it exited. */
  readonly signal: string | null;
}

/**
 * A descriptor for a process, close-on-exec, which the caller closes. It is readable (see {@link pollSync},
 * {@link PollHandle}) from the moment on when the process has ended.
 *
 * @throws Error `ESRCH` when there is no such process. A zombie is one: open a child before its `exit` event.
 */
export function openProcess(pid: number): number {
  return addon().openProcess(pid);
}

const TIMED_OUT = -1;
const GONE = -2;

/**
 * Waits until a child has ended. Blocks the thread. The exit code stays where it is, so the `exit` event of
 * `child_process` comes afterwards as ever, and tells the same.
 *
 * @param pidfd - of {@link openProcess}
 * @param timeout - in milliseconds, fractions included; `Infinity` waits for ever, 0 or less only looks
 * @returns how it ended; undefined when it timed out; `'gone'` when the process has ended but how cannot be known:
 *   it was not a child of this process, or the event loop has taken its exit code already
 * @throws Error `EBADF` or `EINVAL` when it is not a pidfd
 */
export function waitChildSync(pidfd: number, timeout: number): ProcessEnd | 'gone' | undefined {
  return endOf(addon().waitChildSync(pidfd, timeout));
}

function endOf(end: number): ProcessEnd | 'gone' | undefined {
  if (end === TIMED_OUT) return undefined;
  if (end === GONE) return 'gone';
  return end < 256 ? { code: end, signal: null } : { code: null, signal: signalName(end >> 8) };
}

/**
 * How a child has ended, without waiting; it takes the exit code, so that no zombie is left. For children that
 * `child_process` knows nothing of: those of `forkProcess`.
 *
 * @returns undefined while it runs; `'gone'` when it is no child of this process, or was reaped before
 */
export function reapChild(pidfd: number): ProcessEnd | 'gone' | undefined {
  return endOf(addon().reapChild(pidfd));
}

/**
 * Sends a signal to the process that the descriptor stands for, and never to another one.
 *
 * @param signal - its number, see `os.constants.signals`; 0 sends none
 * @returns false when the process is gone. A zombie still takes signals, without effect.
 * @throws Error `EPERM`
 */
export function signalProcess(pidfd: number, signal: number): boolean {
  return addon().signalProcess(pidfd, signal);
}

function signalName(number: number): string {
  const { signals } = process.getBuiltinModule('node:os').constants;
  const known = Object.entries(signals).find(([, value]) => value === number);
  // Real-time signals have no names in Node.
  return known?.[0] ?? `SIGRT${number}`;
}
