import { addon } from './addon.ts';

/** Ends the process by `_exit(2)`: no listener, no destructor, nothing of what Node and C do at an end. */
export function exitNow(code: number): never {
  return addon().exitNow(code);
}

/**
 * How many shared objects this process has loaded so far. If it is more than before, somebody has loaded another addon,
 * which may have something to do at the end of the process.
 */
export function countLibraries(): number {
  return addon().countLibraries();
}
