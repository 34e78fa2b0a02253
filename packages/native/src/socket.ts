/**
 * Pairs of sockets that carry descriptors from one process to another, and that tell when the other end is gone.
 *
 * @module
 */
import { addon } from './addon.ts';

/**
 * Two connected sockets (unix, packets kept whole and in order), non-blocking and close-on-exec. The caller closes
 * both. A process that keeps the end it has given away never sees the hang-up: close it after the child has it.
 */
export function socketPair(): [number, number] {
  return addon().socketPair();
}

/**
 * Sends duplicates of descriptors, as one packet with a number by which the receiver knows what they are. The
 * originals stay open here and may be closed at once. Never waits.
 *
 * @param socket - of {@link socketPair}
 * @param tag - a safe integer, not negative
 * @param descriptors - at most 253; none is allowed
 * @returns false if nothing was sent, because the queue is full or too many descriptors of this user are on their
 *   way: poll for {@link WRITABLE}, or wait until the peer has received some, and send again
 * @throws Error `EPIPE` or `ECONNRESET` when the other end is closed, `EBADF` when a descriptor is not open
 */
export function sendDescriptors(socket: number, tag: number, descriptors: readonly number[]): boolean {
  return addon().sendDescriptors(socket, tag, descriptors);
}

/**
 * Receives one packet of {@link sendDescriptors}; its descriptors are close-on-exec and belong to the caller, who has
 * to close each of them. Never waits.
 *
 * @returns `'empty'` when there is none yet, `'closed'` when everything was received and the other end is closed
 * @throws Error `EMFILE` when this process has too many descriptors for those of the packet, `EPROTO` when the packet
 *   is not of this form. Then the packet is lost, and what came with it is closed.
 */
export function receiveDescriptors(socket: number): { tag: number; descriptors: number[] } | 'empty' | 'closed' {
  return addon().receiveDescriptors(socket);
}

/**
 * The number of the packet that {@link receiveDescriptors} would receive next. The packet stays where it is, and no
 * descriptor is made. Never waits.
 *
 * @returns `'empty'` when there is none yet, `'closed'` when everything was received and the other end is closed
 */
export function peekTag(socket: number): number | 'empty' | 'closed' {
  return addon().peekTag(socket);
}

/**
 * Whether the other end is closed, also by the death of the last process that had it. What it had sent before can
 * still be received. Never waits.
 */
export function isHungUp(socket: number): boolean {
  return addon().isHungUp(socket);
}
