import type { ParentProcess } from './parent-process.ts';
import type { Process } from './process.ts';

/** What this process knows of itself and its family. */
interface Self {
  /** The Process object that stands for this process; undefined in a main process that nobody asked for it yet. */
  current: Process | undefined;
  /** Undefined in a main process. */
  parent: ParentProcess | undefined;
  /** Which child of which child this is: `[2, 1]` is the first child of the second child of the main process. */
  identity: readonly number[];
  /** How many Process objects were made here. */
  counted: number;
  /** Those that were started here and are not known to have ended. */
  readonly children: Set<Process>;
  /** It may have children though it is daemonic. */
  mayHaveChildren: boolean;
  /** A child is importing what it is to run. */
  bootstrapping: boolean;
  /** Proves to other processes of the family that we belong to it. */
  authkey: Uint8Array | undefined;
}

export const self: Self = {
  current: undefined,
  parent: undefined,
  identity: [],
  counted: 0,
  children: new Set(),
  mayHaveChildren: false,
  bootstrapping: false,
  authkey: undefined,
};
