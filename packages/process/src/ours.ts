/** Marks the classes of this package, which every child has; those of users travel by reference. */
const OURS: unique symbol = Symbol('a class of @mp/process');

export function markOurs(Class: object): void {
  Object.defineProperty(Class, OURS, { value: true });
}

export const isOurs = (Class: object): boolean => Object.hasOwn(Class, OURS);
