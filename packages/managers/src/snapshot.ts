/** What a copy of a managed object is, if not the object itself. */
export const SNAPSHOT: unique symbol = Symbol('a copy of a managed object');

/** A managed object whose copies are of another class: those of a managed dict are a Map. */
export interface Snapshotable {
  [SNAPSHOT](): unknown;
}

export function snapshotOf(object: object): unknown {
  const take = (object as Partial<Snapshotable>)[SNAPSHOT];
  return take === undefined ? object : take.call(object);
}
