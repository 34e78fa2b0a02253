import { growUpIfNewborn } from './child/grow-up.ts';
import { STANDS_FOR_US } from './our-identity.ts';
import type { ParentProcess } from './parent-process.ts';
import { Process } from './process.ts';
import { self } from './self.ts';

/** The Process object of a process that was not started by this library. */
class MainProcess extends Process {}

/**
 * The Process object that stands for the running process. In the main process its name is `MainProcess`.
 *
 * Python: `multiprocessing.current_process`.
 *
 * @example
 * ```ts
 * console.log(currentProcess().name); // MainProcess, or Process-1 in a child
 * ```
 */
export function currentProcess(): Process {
  self.current ??= new MainProcess({
    [STANDS_FOR_US]: { name: 'MainProcess', identity: [], daemon: false },
  } as object);
  return self.current;
}

/**
 * The process that started this one; undefined in the main process.
 *
 * Python: `multiprocessing.parent_process`.
 *
 * @example
 * ```ts
 * console.log(`started by ${parentProcess()?.name ?? 'nobody'}`);
 * ```
 */
export function parentProcess(): ParentProcess | undefined {
  return self.parent;
}

/**
 * The children of this process that are alive. Those that have ended meanwhile are joined by asking.
 *
 * Python: `multiprocessing.active_children`.
 *
 * @example
 * ```ts
 * for (const child of activeChildren()) child.terminate();
 * ```
 */
export function activeChildren(): Process[] {
  return [...self.children].filter((child) => child.isAlive());
}

// Every door of this package leads by here or by allow-children.ts.
growUpIfNewborn();
