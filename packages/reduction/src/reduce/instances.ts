import types from 'node:util/types';
import { ESCAPE, Kind, type Tree } from '../format.ts';
import { whyLocal } from '../local-classes.ts';
import type { Entry } from '../references/entry.ts';
import { findExport, Unnamed } from '../references/find-export.ts';
import { placeKept } from '../references/places.ts';
import { hasPrivateMembers } from '../references/private-members.ts';
import { type AnyClass, isNameRegistered, type RegisteredClass, registeredByPrototype } from '../registry.ts';
import { inWords } from '../words.ts';
import { reduceFields } from './fields.ts';
import { isNative, ownConstructor } from './realms.ts';
import type { Reducer } from './reducer.ts';

/** An instance of a class of the user: the class by name, and the own enumerable properties. */
export function reduceInstance(reducer: Reducer, object: object, prototype: object | null): Tree {
  const reference = classReference(reducer, object, prototype, Object.prototype);
  return [ESCAPE, Kind.Instance, reference, reduceFields(reducer, object)];
}

/**
 * The number of an object's class in the reference table.
 *
 * @param home - the prototype at which the user's classes end
 */
export function classReference(reducer: Reducer, object: object, prototype: object | null, home: object): number {
  const named = prototype === null ? PLAIN_NULL : nameClass(prototype, home);
  if (named instanceof Unnamed) return reducer.refuse(object, named.why);
  return reducer.references.add(named.Class, named.entry);
}

/** Whether {@link classReference} would find one. */
export const hasClassReference = (prototype: object, home: object): boolean =>
  !(nameClass(prototype, home) instanceof Unnamed);

/** What a registered class makes of an instance; undefined if the class is not registered. */
export function reduceRegistered(reducer: Reducer, object: object): Tree | undefined {
  const registration = registrationOf(object);
  if (registration === undefined) return undefined;
  const entry = entryOfRegistration(registration);
  if (entry instanceof Unnamed) return reducer.refuse(object, entry.why);
  const { Class } = registration;
  let data: unknown;
  try {
    data = registration.reduce(object, {
      descriptor: (fd) => attach(reducer, fd),
      ifNotSent: (undo) => reducer.ifNotSent(undo),
    });
  } catch (error) {
    return reducer.refuse(
      object,
      `is of the registered class \`${Class.name}\`, whose reduce threw ${inWords(error)}`,
      error,
    );
  }
  const tree = reducer.childInOnePiece(object, data, '.reduce()');
  return [ESCAPE, Kind.Rebuilt, reducer.references.add(Class, entry), tree];
}

export function registrationOf(object: object): RegisteredClass | undefined {
  const prototype = Object.getPrototypeOf(object) as object | null;
  return prototype === null ? undefined : registeredByPrototype(prototype);
}

function attach(reducer: Reducer, fd: number): number {
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fff_ffff) {
    throw new TypeError(`context.descriptor(fd) needs an open file descriptor, not ${String(fd)}`);
  }
  return reducer.attach(fd);
}

interface NamedClass {
  readonly Class: AnyClass;
  readonly entry: Entry;
  /** Its instances are nothing but a prototype and fields. */
  readonly isSimple: boolean;
}

const PLAIN_NULL = new Unnamed('is a built-in object whose prototype was taken away. Send a copy that has it');

const named = new WeakMap<object, NamedClass>();

/**
 * Reduces an instance of a class that derives from no built-in one and is known already.
 *
 * @returns undefined if it is not that simple
 */
export function reduceKnownInstance(reducer: Reducer, object: object, prototype: object): Tree | undefined {
  const known = named.get(prototype);
  if (known?.isSimple !== true || Array.isArray(object) || types.isProxy(object)) return undefined;
  return [ESCAPE, Kind.Instance, reducer.references.add(known.Class, known.entry), reduceFields(reducer, object)];
}

function nameClass(prototype: object, home: object): NamedClass | Unnamed {
  const known = named.get(prototype);
  if (known !== undefined) return known;
  const Class = classOf(prototype);
  if (Class === undefined) {
    return new Unnamed(
      'has a prototype that is not that of a class. Send a plain object, or use a class that is exported',
    );
  }
  const why = refusalOf(prototype, home);
  if (why !== undefined) return new Unnamed(why);
  const entry = findExport(Class);
  if (entry instanceof Unnamed) return new Unnamed(`is an instance of a class that cannot be named: it ${entry.why}`);
  const isSimple = home === Object.prototype;
  const result = { Class, entry, isSimple };
  named.set(prototype, result);
  return result;
}

function classOf(prototype: object): AnyClass | undefined {
  const Class = ownConstructor(prototype);
  return typeof Class === 'function' && Class.prototype === prototype ? (Class as AnyClass) : undefined;
}

/** What keeps instances from being their class and their fields, in any class from theirs up to the built-in one. */
function refusalOf(prototype: object, home: object): string | undefined {
  const local = localRefusalOf(prototype);
  if (local !== undefined) return local;
  for (let p: object | null = prototype; p !== null && p !== home; p = Object.getPrototypeOf(p) as object | null) {
    const Class = classOf(p);
    if (Class === undefined) continue;
    const which = whichOf(Class, prototype);
    if (p !== prototype && registeredByPrototype(p) !== undefined) {
      return `${which} is registered, but a registration holds for one class only. Call register(…) for the subclass too`;
    }
    const isOfNode = isNative(Class) || isWrittenInNode(Class);
    // Errors of Node, such as AssertionError, have nothing but fields.
    if (isOfNode && !isErrorHome(home)) {
      return `${which} keeps its state inside Node. Call register(Class, { reduce, rebuild }) to say what of it should travel`;
    }
    if (hasPrivateMembers(Class)) {
      return `${which} has private members (#…) that cannot be seen from outside${adviceFor(Class)}`;
    }
  }
  return undefined;
}

/** Comes first: that a derived class has private members is of no consequence then. */
function localRefusalOf(prototype: object): string | undefined {
  for (let p: object | null = prototype; p !== null; p = Object.getPrototypeOf(p) as object | null) {
    const why = whyLocal(p);
    const Class = why === undefined ? undefined : classOf(p);
    if (Class !== undefined) return `${whichOf(Class, prototype)} ${why}`;
  }
  return undefined;
}

const whichOf = (Class: AnyClass, prototype: object): string =>
  Class.prototype === prototype
    ? `is an instance of \`${Class.name}\`, which`
    : `inherits from \`${Class.name}\`, which`;

/** Of a package that is installed twice, only our copy's classes are registered with us. */
function adviceFor({ name }: AnyClass): string {
  const advice = `all register(${name}, { reduce, rebuild })`;
  if (!isNameRegistered(name)) return `. C${advice}`;
  return `, and is not the \`${name}\` that is registered. Is its package installed twice (npm ls)? If not, c${advice}`;
}

function isWrittenInNode(Class: AnyClass): boolean {
  try {
    return placeKept(Class)?.url.startsWith('node:') === true;
  } catch {
    // Without the inspector nobody knows, and findExport will say so.
    return false;
  }
}

const isErrorHome = (home: object): boolean =>
  home === Error.prototype || Object.getPrototypeOf(home) === Error.prototype;

function entryOfRegistration(registration: RegisteredClass): Entry | Unnamed {
  if (registration.entry !== undefined) return registration.entry;
  const { Class, module } = registration;
  const known = unnamed.get(registration);
  if (known !== undefined) return known;
  const entry = findExport(Class);
  if (entry instanceof Unnamed) {
    return new Unnamed(
      `is of a registered class without a name that cannot be found either: it ${entry.why}, or give register a name`,
    );
  }
  if (entry.type !== 'export') {
    return new Unnamed(`is of the built-in class \`${Class.name}\`, registered without a name. Give register a name`);
  }
  const result: Entry = { type: 'registered export', export: entry, registrar: module };
  unnamed.set(registration, result);
  return result;
}

/** The entries of classes that are registered without a name. */
const unnamed = new WeakMap<RegisteredClass, Entry>();
