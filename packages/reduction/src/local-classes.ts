const whys = new WeakMap<object, string>();

/**
 * Says that instances of a class, and of those derived from it, stay in the process that made them. Whoever sends one gets a
 * PicklingError with the path to it, which says why, and what to do instead.
 *
 * A derived class that is registered with {@link register} travels all the same.
 *
 * Python: a `__reduce__` that raises.
 *
 * @param why - goes on after "it is an instance of `Class`, which", and ends without a full stop
 *
 * @example
 * ```ts
 * registerLocal(Database, 'is open in the process that made it. Pass its path, and open it there');
 * ```
 */
export function registerLocal(
  Class: (abstract new (...args: never[]) => object) | { readonly prototype: object },
  why: string,
): void {
  if (typeof Class !== 'function' || typeof Class.prototype !== 'object' || Class.prototype === null) {
    throw new TypeError(
      'registerLocal(Class, why) needs a class: something with a prototype that instances inherit from',
    );
  }
  if (typeof why !== 'string' || why === '') {
    throw new TypeError(`registerLocal(${Class.name}, why) needs to know why, and what to do instead`);
  }
  whys.set(Class.prototype, why);
}

/** Why instances of a class stay, if they do. */
export const whyLocal = (prototype: object): string | undefined => whys.get(prototype);
