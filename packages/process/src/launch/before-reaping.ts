import { PollHandle, READABLE } from '@mp/native';

/**
 * Calls when a child of `child_process` has ended, before libuv has reaped it: libuv tells of a signal that has no name
 * (the real-time ones) as of exit code 0, and after it nobody can ask.
 *
 * The kernel makes the pidfd readable before it sends SIGCHLD, and libuv comes to signals last in a turn of the loop. It
 * is quicker only if it looks through its children just then because another one has ended.
 *
 * @returns how to give it up. It does not keep the event loop alive.
 */
export function beforeReaping(pidfd: number, call: () => void): () => void {
  let handle: PollHandle;
  try {
    handle = new PollHandle(pidfd, () => {
      handle.close();
      call();
    });
  } catch {
    // No descriptor is left for it. The child runs, and for all but those signals it is not needed.
    return () => {};
  }
  handle.unref();
  handle.start(READABLE);
  return () => handle.close();
}
