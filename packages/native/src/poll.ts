/**
 * Waiting until a descriptor is ready: blocking the thread, or with a callback from the event loop.
 *
 * @module
 */
import { addon } from './addon.ts';

/** There is something to read, or the end of it. One bit of a set. */
export const READABLE = 1;
/** Something can be written. One bit of a set. */
export const WRITABLE = 2;
/** The other end is closed, at least for writing, or there is an error. One bit of a set. */
export const HANGUP = 4;

/**
 * Waits until at least one of several descriptors is ready. Blocks the thread.
 *
 * @param watch - three numbers for each: the descriptor (-1 is skipped), the bits wanted, and the bits returned, which
 *   are written here. A connection that is broken or closed altogether returns {@link HANGUP} even if not wanted.
 * @param count - how many descriptors
 * @param timeout - in milliseconds, fractions included; `Infinity` waits for ever, 0 or less only looks
 * @returns how many are ready; 0: it timed out
 * @throws Error `EBADF` when a descriptor is not open; TypeError when there is nothing to wait for and no time-out
 */
export function pollSync(watch: Int32Array, count: number, timeout: number): number {
  return addon().pollSync(watch, count, timeout);
}

/**
 * As {@link pollSync} for two descriptors (-1 for none), without an array.
 *
 * @returns the bits of A, and those of B shifted left by 8; 0: it timed out
 */
export function pollTwoSync(fdA: number, wantedA: number, fdB: number, wantedB: number, timeout: number): number {
  return addon().pollTwoSync(fdA, wantedA, fdB, wantedB, timeout);
}
