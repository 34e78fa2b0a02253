/** An attempt that did not succeed yet: there is nothing to take, or no room. */
export const NOT_YET: unique symbol = Symbol('not yet');
/** An attempt that met somebody else in the middle of theirs: whether there is something is not known. */
export const CONTENDED: unique symbol = Symbol('contended');

export type Unsuccessful = typeof NOT_YET | typeof CONTENDED;

/** Tries to do something without waiting. Throws when it never can. */
export type Attempt<T> = () => T | Unsuccessful;

export const hasSucceeded = <T>(outcome: T | Unsuccessful): outcome is T =>
  outcome !== NOT_YET && outcome !== CONTENDED;

/** What an operation is called in messages, and what it comes to when the time is over. */
export interface Purpose {
  /** `get` */
  readonly method: string;
  /** `a message` */
  readonly awaited: string;
  late(method: string, timeout: number): Error;
}
