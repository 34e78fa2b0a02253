import type { RegisteredClassEntry, RegisteredFunctionEntry } from './references/entry.ts';

/** What `reduce` may ask for. */
export interface ReduceContext {
  /**
   * Attaches a file descriptor to the message.
   *
   * The descriptor stays the property of the sender and has to stay open until the message is sent; the receiver gets
   * a duplicate. Attaching the same one twice sends two duplicates.
   *
   * @returns the number by which `rebuild` asks for it: put it into the data
   */
  descriptor(fd: number): number;
  /**
   * Says what to do if the instance does not travel after all: because something else in the message cannot be pickled,
   * or the message cannot be sent. For classes that count their holders, and have counted the receiver.
   *
   * @param undo - called at most once; must not throw
   */
  ifNotSent(undo: () => void): void;
}

/** What `rebuild` may ask for. */
export interface RebuildContext {
  /**
   * Takes a received descriptor. Whoever takes it owns it, and closes it. Each can be taken once.
   *
   * If `rebuild` throws, its descriptors are closed by the transport. If the message fails later on, the rebuilt value
   * is disposed of with its `Symbol.dispose`; if it has none, its descriptors are closed.
   *
   * @param index - what {@link ReduceContext.descriptor} returned
   */
  descriptor(index: number): number;
}

/** How instances of a class are taken apart and put together. */
export interface Registration<T extends object, D> {
  /**
   * The name of the class in messages, the same on both sides and in every version. Default: where the class is
   * exported, by which both sides must then be able to find it.
   */
  name?: string;
  /**
   * `import.meta.url` of the module that calls `register`, so that a receiver that has not registered the class yet
   * can import it. Default: the receiver must have registered it itself.
   */
  module?: string;
  /** Whether instances are accepted from senders that are not trusted: `rebuild` must then check its data. Default: false. */
  untrusted?: boolean;
  /**
   * Takes an instance apart. The result is pickled like any other value; it may contain other registered instances.
   * Not the instance itself, though: that is refused. An object that contains the instance may be part of the data,
   * but is not complete yet when `rebuild` sees it.
   */
  reduce(value: T, context: ReduceContext): D;
  /** Makes an instance from the data. */
  rebuild(data: D, context: RebuildContext): T;
}

// biome-ignore lint/complexity/noBannedTypes: what `new` or a native base class makes instances of.
export type AnyClass = Function & { readonly prototype: object };

/** A registration, and the class that it is for. */
export interface RegisteredClass {
  readonly Class: AnyClass;
  readonly name: string | undefined;
  readonly module: string | undefined;
  /** What stands for the class in messages, if it has a name. */
  readonly entry: RegisteredClassEntry | undefined;
  readonly untrusted: boolean;
  readonly reduce: (value: object, context: ReduceContext) => unknown;
  readonly rebuild: (data: unknown, context: RebuildContext) => unknown;
}

const byPrototype = new WeakMap<object, RegisteredClass>();
const classes = new Map<string, RegisteredClass>();
const functions = new Map<string, (...args: never[]) => unknown>();
const byFunction = new WeakMap<object, RegisteredFunctionEntry>();

/**
 * Says how instances of a class travel: for classes with private members or native state, with file descriptors, or
 * with a constructor that has to run.
 *
 * Holds for instances of exactly this class. An instance of a subclass is refused until the subclass is registered too:
 * its own fields are nothing that `reduce` knows of.
 * Both processes must have called it; give `module` so that the receiver can catch up on it.
 *
 * Python: `ForkingPickler.register`, `copyreg.pickle`; there the data is a call to make, here `rebuild` makes it.
 *
 * @throws TypeError for what is no class, and for a name that another class has
 *
 * @example
 * ```ts
 * export class Money {
 *   #cents: number;
 *   constructor(cents: number) { this.#cents = cents; }
 *   get cents(): number { return this.#cents; }
 * }
 * register(Money, {
 *   name: 'shop/Money',
 *   module: import.meta.url,
 *   reduce: (money) => money.cents,
 *   rebuild: (cents) => new Money(cents),
 * });
 * ```
 */
export function register<T extends object, D>(
  Class: (abstract new (...args: never[]) => T) | { readonly prototype: T },
  registration: Registration<T, D>,
): void {
  if (typeof Class !== 'function' || typeof Class.prototype !== 'object' || Class.prototype === null) {
    throw new TypeError('register(Class, …) needs a class: something with a prototype that instances inherit from');
  }
  const { name, module, untrusted = false, reduce, rebuild } = registration;
  if (typeof reduce !== 'function' || typeof rebuild !== 'function') {
    throw new TypeError(`register(${Class.name}, …) needs both reduce and rebuild`);
  }
  if (untrusted && name === undefined) {
    throw new TypeError(`register(${Class.name}, { untrusted: true }) needs a name: a stranger cannot name exports`);
  }
  const named = name === undefined ? undefined : { type: 'registered class', name, registrar: module };
  const entry = { Class, name, module, entry: named, untrusted, reduce, rebuild } as unknown as RegisteredClass;
  if (name !== undefined) {
    const other = classes.get(name);
    if (other !== undefined && other.Class !== entry.Class) {
      throw new TypeError(
        `register(${Class.name}, …): another class, ${other.Class.name}, has the name '${name}' already`,
      );
    }
    classes.set(name, entry);
  }
  byPrototype.set(Class.prototype, entry);
}

/**
 * Says that instances of a class travel as what another registered class makes of its data: for classes that users derive
 * from one of a library. The receiver has to know the other class only.
 *
 * Holds for instances of exactly this class.
 *
 * @param registered - has been registered; its `rebuild` gets what `reduce` returns here
 * @throws TypeError if it has not
 *
 * Python: a `__reduce__` that names a function of the base class.
 *
 * @example
 * ```ts
 * class Shape { … }
 * register(Shape, { name: 'shapes/Shape', module: import.meta.url, reduce: …, rebuild: ([Class, data]) => new Class(data) });
 * registerAs(Circle, Shape, (circle: Circle) => [Circle, circle.radius]);
 * ```
 */
export function registerAs<T extends object>(
  Class: { readonly prototype: T },
  registered: { readonly prototype: object },
  reduce: (value: T, context: ReduceContext) => unknown,
): void {
  const other = byPrototype.get(registered.prototype);
  if (other === undefined) throw new TypeError('registerAs(Class, registered, …): the second class is not registered.');
  byPrototype.set(Class.prototype, { ...other, reduce: reduce as RegisteredClass['reduce'] });
}

/**
 * Gives a function a name in messages, for functions that are not exported.
 *
 * Both processes must have called it, usually because both import the module that does; give `module`
 * (`import.meta.url`) so that the receiver can catch up on it. The name is trusted: no source text is compared.
 *
 * Python has no counterpart: there a function travels by module and name only.
 *
 * @throws TypeError for what is no function, and for a name that another function has
 *
 * @example
 * ```ts
 * const half = (x: number) => x / 2;
 * registerFunction('maths/half', half, { module: import.meta.url });
 * ```
 */
export function registerFunction(
  name: string,
  fn: (...args: never[]) => unknown,
  options: { module?: string } = {},
): void {
  if (typeof name !== 'string' || name === '') throw new TypeError('registerFunction(name, f) needs a name');
  if (typeof fn !== 'function') throw new TypeError(`registerFunction('${name}', f) needs a function`);
  const other = functions.get(name);
  if (other !== undefined && other !== fn) {
    throw new TypeError(`registerFunction('${name}', f): another function has that name already`);
  }
  functions.set(name, fn);
  byFunction.set(fn, { type: 'registered function', name, registrar: options.module });
}

export const registeredByPrototype = (prototype: object): RegisteredClass | undefined => byPrototype.get(prototype);
export const registeredClass = (name: string): RegisteredClass | undefined => classes.get(name);
/** Whether some class that calls itself so has a registration by name. */
export const isNameRegistered = (name: string): boolean =>
  [...classes.values()].some(({ Class }) => Class.name === name);
export const registeredFunction = (name: string): ((...args: never[]) => unknown) | undefined => functions.get(name);
export const nameOfFunction = (fn: object): RegisteredFunctionEntry | undefined => byFunction.get(fn);
