import { makeCallable } from '../callable.ts';
import { Kind, type Tree } from '../format.ts';
import type { Resolved } from '../references/resolve.ts';
import type { AnyClass } from '../registry.ts';
import { fillArray, makeArray } from './arrays.ts';
import { construct, corrupt, integer, isEscape, type NewTarget, refused } from './checks.ts';
import { fillCallable, notFilled, rebuild } from './classes.ts';
import { fillMap, fillSet } from './collections.ts';
import type { Descriptors } from './descriptors.ts';
import { fillError, makeDomException, makeError } from './errors.ts';
import { setFields } from './fields.ts';
import type { Memories } from './memories.ts';
import { revivePrimitive } from './primitives.ts';
import { makeBoxed, makeDate, makeRegExp, makeURL, makeURLSearchParams } from './scalars.ts';

/** What belongs to a message beside its tree. */
export interface Surroundings {
  readonly memories: Memories;
  readonly descriptors: Descriptors;
  readonly references: readonly Resolved[];
  readonly trusted: boolean;
}

/**
 * Turns what msgpackr decoded of a GRAPH message into the value.
 *
 * Arrays and plain objects stay the objects that msgpackr made, and are completed in place. Every other object is made
 * empty, numbered, and then filled, so that a cycle finds it. Nothing here is trusted: each field of an escape is
 * checked for its type before it is used, and all memory that is allocated is there in the message.
 */
export class Reviver {
  readonly memories: Memories;
  readonly descriptors: Descriptors;
  readonly trusted: boolean;

  readonly #references: readonly Resolved[];

  readonly #parts: readonly Tree[];
  #next = 1;
  readonly #objects: unknown[] = [];
  readonly #later: { readonly tree: Tree; readonly shell: object }[] = [];

  /** @param parts - the memories, the root, then the contents of objects that were nested too deeply */
  constructor(parts: readonly Tree[], surroundings: Surroundings) {
    this.#parts = parts;
    this.memories = surroundings.memories;
    this.descriptors = surroundings.descriptors;
    this.trusted = surroundings.trusted;
    this.#references = surroundings.references;
  }

  run(): unknown {
    const root = this.value(this.#takePart());
    for (const { tree, shell } of this.#later) this.#fill(tree, shell);
    if (this.#next !== this.#parts.length) corrupt('it has parts that nothing refers to');
    return root;
  }

  value(tree: Tree): unknown {
    if (typeof tree !== 'object' || tree === null) return tree;
    if (!isEscape(tree)) return this.#object(tree);
    switch (tree[1]) {
      case Kind.Reference:
        return this.#again(tree[2]);
      case Kind.Later:
        return this.#object(this.#takePart(), true);
      case Kind.NegativeZero:
      case Kind.Utf16:
      case Kind.BigInt:
      case Kind.WellKnownSymbol:
      case Kind.RegisteredSymbol:
        return revivePrimitive(this, tree);
      case Kind.Named:
        return this.#named(integer(tree[2]));
      default:
        return this.#object(tree);
    }
  }

  /** Numbers the object before its contents, as the reducer did. */
  #object(tree: Tree, later = false): unknown {
    const number = this.#objects.push(INCOMPLETE) - 1;
    const shell = this.#make(tree, undefined);
    this.#objects[number] = shell;
    if (later) this.#later.push({ tree, shell });
    else this.#fill(tree, shell);
    return shell;
  }

  #again(number: Tree): unknown {
    const object = this.#objects[integer(number)];
    if (object === undefined) corrupt('it refers to an object that is not there');
    if (object === INCOMPLETE) corrupt('it refers to an object that cannot be made without itself');
    return object;
  }

  #reference(index: number): Resolved {
    return this.#references[index] ?? corrupt('it refers to a name that is not in its table');
  }

  #named(index: number): object {
    const resolved = this.#reference(index);
    if (resolved.type === 'refused') return refused(resolved.why);
    if (resolved.type === 'value') return resolved.value;
    return this.trusted ? resolved.registration.Class : refused('an untrusted sender may not name classes');
  }

  #class(index: number): AnyClass {
    const named = this.#named(index);
    const { prototype } = named as { prototype?: unknown };
    const isClass = typeof named === 'function' && typeof prototype === 'object' && prototype !== null;
    return isClass ? (named as AnyClass) : corrupt('what it calls a class is none');
  }

  /** The class of an error; where classes may not be named, what the class is called. */
  errorClass(index: number): AnyClass | string {
    const resolved = this.#reference(index);
    return resolved.type === 'refused' ? resolved.name : this.#class(index);
  }

  #takePart(): Tree {
    if (this.#next >= this.#parts.length) corrupt('a part is missing');
    return this.#parts[this.#next++];
  }

  /** The object without its contents. */
  #make(tree: Tree, newTarget: NewTarget): object {
    if (typeof tree !== 'object' || tree === null || tree instanceof Uint8Array) return corrupt('an object is missing');
    if (!isEscape(tree)) return tree;
    switch (tree[1]) {
      case Kind.Array:
      case Kind.Sparse:
      case Kind.Int32Numbers:
      case Kind.Float64Numbers:
        return makeArray(tree, newTarget);
      case Kind.Object:
        return {};
      case Kind.NullPrototype:
        return Object.create(null) as object;
      case Kind.Map:
        return construct(Map, [], newTarget);
      case Kind.Set:
        return construct(Set, [], newTarget);
      case Kind.Date:
        return makeDate(tree, newTarget);
      case Kind.RegExp:
        return makeRegExp(this, tree, newTarget);
      case Kind.URL:
        return makeURL(tree, newTarget);
      case Kind.URLSearchParams:
        return makeURLSearchParams(tree, newTarget);
      case Kind.Boxed:
        return makeBoxed(this, tree, newTarget);
      case Kind.ArrayBuffer:
        return this.memories.arrayBuffer(integer(tree[2]), newTarget);
      case Kind.View:
        return this.memories.view(tree, newTarget);
      case Kind.Error:
        return makeError(this, tree);
      case Kind.DOMException:
        return makeDomException(this, tree, newTarget);
      case Kind.Extended:
        return this.#make(tree[3], tree[2] === null ? undefined : this.#class(integer(tree[2])));
      case Kind.Instance:
        return Object.create(this.#class(integer(tree[2])).prototype as object) as object;
      case Kind.Callable:
        return makeCallable({ fn: notFilled, captured: [] });
      case Kind.Rebuilt:
        return rebuild(this, this.#reference(integer(tree[2])), tree[3]);
      default:
        return corrupt(`it has an escape of an unknown kind (${String(tree[1])})`);
    }
  }

  #fill(tree: Tree, shell: object): void {
    if (!Array.isArray(tree)) {
      this.#completeObject(tree as { [key: string]: Tree });
      return;
    }
    if (!isEscape(tree)) {
      this.#completeArray(tree);
      return;
    }
    switch (tree[1]) {
      case Kind.Array:
      case Kind.Sparse:
        fillArray(this, tree, shell as unknown[]);
        break;
      case Kind.Object:
      case Kind.NullPrototype:
        setFields(this, shell, tree[2]);
        break;
      case Kind.Map:
        fillMap(this, tree, shell as Map<unknown, unknown>);
        break;
      case Kind.Set:
        fillSet(this, tree, shell as Set<unknown>);
        break;
      case Kind.Error:
        fillError(this, tree[4], tree[5], shell);
        break;
      case Kind.DOMException:
        fillError(this, tree[4], tree[5], shell);
        break;
      case Kind.Instance:
        setFields(this, shell, tree[3]);
        break;
      case Kind.Callable:
        fillCallable(this, tree, shell);
        break;
      case Kind.Extended:
        this.#fill(tree[3], shell);
        if (tree[4] !== null) setFields(this, shell, tree[4]);
        break;
      default:
    }
  }

  #completeArray(array: Tree[]): void {
    for (let i = 0; i < array.length; i++) {
      const element = array[i];
      if (typeof element === 'object' && element !== null) array[i] = this.value(element) as Tree;
    }
  }

  #completeObject(object: { [key: string]: Tree }): void {
    for (const key of Object.keys(object)) {
      const value = object[key];
      if (typeof value === 'object' && value !== null) object[key] = this.value(value) as Tree;
    }
  }
}

const INCOMPLETE = Symbol('incomplete');
