import type { Tree } from '../format.ts';

/** The modules, functions and classes that a message needs. */
export class ReferenceTable {
  mark(): number {
    return 0;
  }
  rollBack(_mark: number): void {}
  isRebuilt(_object: object): boolean {
    return false;
  }
  reduceRegistered(_reducer: unknown, _object: object): Tree {
    return undefined;
  }
  finish(): Tree {
    return null;
  }
}
