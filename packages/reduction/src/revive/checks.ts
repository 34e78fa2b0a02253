import { UnpicklingError } from '../errors.ts';
import { ESCAPE, type Tree } from '../format.ts';

/** An escape, whose kind and fields are yet to be checked. */
export type Escape = readonly Tree[];

/** The class to make the object of, if it is not the built-in one. */
// biome-ignore lint/complexity/noBannedTypes: Reflect.construct takes any class.
export type NewTarget = Function | undefined;

export const isEscape = (tree: Tree): tree is Tree[] => Array.isArray(tree) && tree[0] === ESCAPE;

export function construct<T extends object>(
  Class: new (...args: never[]) => T,
  args: readonly unknown[],
  newTarget: NewTarget,
): T {
  return Reflect.construct(Class, args, newTarget ?? Class) as T;
}

/** Ends the decoding: the message is not what a pickler writes. */
export function corrupt(what: string): never {
  throw new UnpicklingError(
    `The message cannot be unpickled: ${what}. It is corrupt, or was written by another version.`,
  );
}

/** Ends the decoding: the message asks for what its sender may not have. */
export function refused(why: string): never {
  throw new UnpicklingError(`The message cannot be unpickled: ${why}.`);
}

export function integer(tree: Tree): number {
  return typeof tree === 'number' && Number.isSafeInteger(tree) && tree >= 0
    ? tree
    : corrupt('a number is not what it should be');
}

export function text(tree: Tree): string {
  return typeof tree === 'string' ? tree : corrupt('a text is not what it should be');
}

export function bytes(tree: Tree): Buffer {
  return Buffer.isBuffer(tree) ? tree : corrupt('bytes are not where they should be');
}
