import { addon } from './addon.ts';

/**
 * Closes a descriptor.
 *
 * Also right while a {@link PollHandle} watches it: that has a duplicate of its own. But the other end of a socket
 * sees the end only when the last duplicate is closed, so close the handle too.
 *
 * @throws Error `EBADF` when it is not open. Beware of closing twice: the number may belong to somebody else by then.
 */
export function closeDescriptor(fd: number): void {
  addon().closeDescriptor(fd);
}

/**
 * A second descriptor for the same open file, close-on-exec, and never one of the three standard ones.
 * The caller closes it.
 *
 * @throws Error `EBADF` when `fd` is not open, `EMFILE` when this process has too many.
 */
export function duplicateDescriptor(fd: number): number {
  return addon().duplicateDescriptor(fd);
}

/** The size in bytes of what the descriptor stands for; 0 for what has none, such as a socket. */
export function descriptorSize(fd: number): number {
  return addon().descriptorSize(fd);
}

/**
 * Whether a program started by this process gets the descriptor (`on: false`) or not (`on: true`, as everything that
 * this package opens). Between this call and the start another thread may start a program as well, which gets it too:
 * better pass descriptors with `stdio` of `child_process.spawn`, or over a socket.
 */
export function setCloseOnExec(fd: number, on: boolean): void {
  addon().setCloseOnExec(fd, on);
}
