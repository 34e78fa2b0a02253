/** Objects of other realms (`node:vm`) have prototypes of their own, which look like ours. */

/** Whether a function is part of the language or of Node's C++, in this realm or another. */
// biome-ignore lint/complexity/noBannedTypes: any function may be asked about.
export const isNative = (fn: Function): boolean =>
  /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn));

/** The class that a prototype belongs to, if it says so itself. */
export function ownConstructor(prototype: object): unknown {
  return Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
}

/** Whether a prototype is what `home` is, in another realm. */
export function isHomeElsewhere(prototype: object, home: object): boolean {
  const theirs = ownConstructor(prototype);
  const ours = ownConstructor(home) as { readonly name: string };
  return typeof theirs === 'function' && theirs.name === ours.name && isNative(theirs);
}
