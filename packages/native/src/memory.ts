/**
 * Memory that several processes can have: anonymous, or with a name.
 *
 * @module
 */
import { addon } from './addon.ts';

/**
 * New anonymous shared memory, filled with zeros. It exists as long as a descriptor or a mapping of it does, in
 * whatever process; nobody has to clean up. It takes real memory only where it is touched. It can be made larger
 * (see {@link resizeMemory}), but never smaller, so nobody who has it mapped can be hurt by another process.
 *
 * @param size - in bytes
 * @param label - for people who read `/proc/<pid>/maps`, where every user of the machine may see it; at most 249 bytes
 * @returns a descriptor, close-on-exec, which the caller closes
 * @throws Error `EMFILE` when this process has too many descriptors, `ENOMEM`
 */
export function createMemory(size: number, label = 'mp'): number {
  return addon().createMemory(size, label);
}

/** How to open named shared memory. Without any of them: it must exist, and is opened for reading and writing. */
export interface SharedMemoryFlags {
  /** Make it, empty, if there is none of that name. Default false. */
  readonly create?: boolean | undefined;
  /** With `create`: fail with `EEXIST` if there is one. Default false. */
  readonly exclusive?: boolean | undefined;
  /** Make it empty. Whoever has it mapped is killed by SIGBUS when touching it. Default false. */
  readonly truncate?: boolean | undefined;
  /** Such a descriptor can only be mapped with `readOnly: true`. Default false. */
  readonly readOnly?: boolean | undefined;
}

/**
 * Opens shared memory by its name, as `shm_open` does: the same name in C or Python means the same memory.
 * It exists until {@link unlinkSharedMemory}, even when every process has ended.
 *
 * @param name - at most 255 bytes; a slash is allowed in front only, and changes nothing
 * @param mode - who may open it, if it is made here; the umask is taken off. Default 0o600: this user only.
 * @returns a descriptor, close-on-exec, which the caller closes
 * @throws Error `ENOENT`, `EEXIST`, `EACCES` with `path`; TypeError `ERR_INVALID_ARG_VALUE` for an impossible name
 */
export function openSharedMemory(name: string, flags: SharedMemoryFlags = {}, mode = 0o600): number {
  const { create = false, exclusive = false, truncate = false, readOnly = false } = flags;
  return addon().openSharedMemory(name, create, exclusive, truncate, readOnly, mode);
}

/**
 * Removes the name. Whoever has the memory open keeps it; nobody can open it any more.
 *
 * @throws Error `ENOENT` when there is no such name
 */
export function unlinkSharedMemory(name: string): void {
  addon().unlinkSharedMemory(name);
}

/**
 * Changes the size; new bytes are zero. A mapping keeps the size that it has.
 *
 * Making named memory smaller kills with SIGBUS whoever touches what is gone; memory of {@link createMemory} refuses
 * that with `EPERM`.
 */
export function resizeMemory(fd: number, size: number): void {
  addon().resizeMemory(fd, size);
}

/**
 * Gives the pages of a part back to the system, while it stays mapped: it reads as zeros afterwards, in every
 * process. Parts of pages at either end are only filled with zeros.
 */
export function discardMemory(fd: number, offset: number, length: number): void {
  addon().discardMemory(fd, offset, length);
}
