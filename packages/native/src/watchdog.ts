import { addon } from './addon.ts';

/** How a process ends when its parent has ended. */
export interface EndWithParentOptions {
  /** Milliseconds between SIGTERM and SIGKILL. Default 1000; `Infinity`: no SIGKILL. */
  readonly grace?: number | undefined;
}

/**
 * Ends this process when the other end of a socket is closed, which is so at the latest when the process that has it
 * is dead: with SIGTERM, and after the grace with SIGKILL. A native thread does it, so it works while JavaScript
 * spins or blocks; and it neither keeps the process alive nor delays its exit.
 *
 * The socket may be closed here: a duplicate is watched. Nobody but the parent may have the other end; a sister
 * process that has it, too, keeps this one alive.
 *
 * @returns `stop()` calls it off, even between the two signals; a SIGTERM that was sent stays sent. Idempotent.
 * @throws Error `EBADF`, `EMFILE`, `EAGAIN` (no thread)
 *
 * Python: children of `multiprocessing` outlive a killed parent, unless they happen to read from it.
 */
export function endWithParent(socket: number, options: EndWithParentOptions = {}): { stop(): void } {
  const stop = addon().endWithParent(socket, options.grace ?? 1000);
  return { stop: () => stop() };
}

/**
 * Has the kernel send a signal to this process when its parent ends; 0: none.
 *
 * To be exact, when the *thread* that started it ends: a child of a worker thread gets it at the end of the worker.
 * A parent that ended before the call is not noticed: look at `process.ppid` after it.
 */
export function setParentDeathSignal(signal: number): void {
  addon().setParentDeathSignal(signal);
}
