import { self } from './self.ts';

/**
 * Says whether this process is importing modules for work that it was given. As long as it is, whoever starts a process
 * is told that a guard is missing: only the top level of such a module can do that.
 */
export function setImporting(importing: boolean): void {
  self.bootstrapping = importing;
}

/** What {@link setImporting} said last; true also in a child that is not yet at what it is to run. */
export const isImporting = (): boolean => self.bootstrapping;
