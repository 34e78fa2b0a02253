/**
 * A doorbell is a descriptor that is readable after it was rung, until it is silenced: an eventfd. Any number of
 * processes may have it. Rings are not counted: many before a look are one.
 *
 * @module
 */
import { addon } from './addon.ts';

/** A new doorbell, silent, non-blocking, close-on-exec. The caller closes it with {@link closeDescriptor}. */
export function createDoorbell(): number {
  return addon().createDoorbell();
}

/**
 * Rings: everybody who polls the doorbell wakes up. Never waits. What was written to shared memory before is seen by
 * whoever wakes up.
 */
export function ringDoorbell(fd: number): void {
  addon().ringDoorbell(fd);
}

/**
 * Silences the doorbell. Never waits.
 *
 * @returns true if it was rung since it was last silenced (by anybody)
 */
export function silenceDoorbell(fd: number): boolean {
  return addon().silenceDoorbell(fd);
}
