import types from 'node:util/types';
import { PicklingError } from '../errors.ts';
import { DEEPEST, ESCAPE, Kind, NEST, type Tree } from '../format.ts';
import { type Prefix, renderPath, type Step, type Steps, Way } from '../path.ts';
import { isBuiltInNamespace } from '../references/built-ins.ts';
import { undoAll } from '../undo.ts';
import { inWords, isStackOverflow, typeName } from '../words.ts';
import { reduceArray } from './arrays.ts';
import { reduceExotic } from './exotic.ts';
import { reduceFields } from './fields.ts';
import { reduceFunction, reduceNamespace } from './functions.ts';
import { reduceKnownInstance, registrationOf } from './instances.ts';
import { MemoryTable } from './memory-table.ts';
import { reduceBigInt, reduceNumber, reduceString, reduceSymbol } from './primitives.ts';
import { ReferenceTable } from './reference-table.ts';

// Most messages have none; arrays of their own would be made for nothing.
const NO_DESCRIPTORS: number[] = [];
const NOTHING_LATER: { readonly object: object; readonly prefix: Prefix }[] = [];

/**
 * Turns one value into the tree that msgpackr is given, for messages that are not plain.
 *
 * ```text
 *   pickler ──► Reducer.run(value) ──► reduce(value) ── primitives.ts   -0, BigInt, symbols, lone surrogates
 *                                          │            functions.ts    references, callable
 *                                          ▼
 *                                       #object(object)  numbers it, or refers to it if it was met before
 *                                          │
 *                                          ├─ arrays.ts, fields.ts      arrays and plain objects
 *                                          └─ exotic.ts ─ collections, scalars, views, errors, instances
 * ```
 *
 * What a getter returns is what travels: the tree has strings, numbers and memory of the value, but none of its objects,
 * so that it does not matter what becomes of the value afterwards.
 */
export class Reducer {
  readonly references: ReferenceTable = new ReferenceTable();
  readonly memory: MemoryTable = new MemoryTable();
  descriptors: number[] = NO_DESCRIPTORS;
  /** What to do if the message is not sent. */
  undo: (() => void)[] | undefined;

  readonly #root: string;
  readonly #numbers: Map<object, number> = new Map();
  readonly #met: object[] = [];
  #incomplete: Set<object> | undefined;
  #later: { readonly object: object; readonly prefix: Prefix }[] = NOTHING_LATER;
  readonly #steps: Step[] = [];
  readonly #ways: Way[] = [];
  #depth = 0;
  #prefix: Prefix | undefined;
  #inOnePiece = 0;
  #refusal: PicklingError | undefined;

  /** @param root - how the value is called in the paths of errors */
  constructor(root: string) {
    this.#root = root;
  }

  /** @returns the root, then the parts: the contents of objects that are nested too deeply */
  run(value: unknown): Tree[] {
    const parts = [this.reduce(value)];
    for (const { object, prefix } of this.#later) {
      this.#prefix = prefix;
      this.#depth = 0;
      parts.push(this.#contents(object));
    }
    return parts;
  }

  reduce(value: unknown): Tree {
    switch (typeof value) {
      case 'string':
        return value.isWellFormed() ? value : reduceString(value);
      case 'number':
        return value === 0 ? reduceNumber(value) : value;
      case 'boolean':
      case 'undefined':
        return value;
      case 'bigint':
        return reduceBigInt(value);
      case 'symbol':
        return reduceSymbol(this, value);
      case 'function':
        return reduceFunction(this, value as (...args: never[]) => unknown);
      default:
        return value === null ? null : this.#object(value as object);
    }
  }

  /** Reduces what is found by going `step` from the present value. */
  child(value: unknown, step: Step, way: Way = Way.Property): Tree {
    const depth = this.#depth++;
    this.#steps[depth] = step;
    this.#ways[depth] = way;
    const tree = this.reduce(value);
    this.#depth = depth;
    return tree;
  }

  /** Reads and reduces a property. */
  property(object: object, key: string | symbol): Tree {
    const depth = this.#depth++;
    this.#steps[depth] = key;
    this.#ways[depth] = Way.Property;
    const tree = this.reduce((object as Record<string | symbol, unknown>)[key]);
    this.#depth = depth;
    return tree;
  }

  /** Reduces data that must be complete before the object can be made that it belongs to. */
  childInOnePiece(owner: object, value: unknown, words: string): Tree {
    this.#inOnePiece++;
    this.#incomplete ??= new Set();
    this.#incomplete.add(owner);
    const tree = this.child(value, words, Way.Words);
    this.#incomplete.delete(owner);
    this.#inOnePiece--;
    return tree;
  }

  /** Reads and reduces a property, and takes everything back when that fails: nothing of the attempt is left behind. */
  attempt(object: object, key: string | symbol, instead: (error: PicklingError) => Tree): Tree {
    const { length } = this.#met;
    const depth = this.#depth;
    const inOnePiece = this.#inOnePiece;
    const descriptors = this.descriptors.length;
    const undo = this.undo?.length ?? 0;
    const later = this.#later.length;
    const memory = this.memory.mark();
    const references = this.references.mark();
    this.#inOnePiece++;
    try {
      this.#steps[depth] = key;
      this.#ways[depth] = Way.Property;
      this.#depth = depth + 1;
      const value = (object as Record<string | symbol, unknown>)[key];
      // An error always arrives, so nothing will have to be taken back; chains of causes may be very long.
      if (types.isNativeError(value)) this.#inOnePiece--;
      const tree = this.reduce(value);
      this.#depth = depth;
      this.#inOnePiece = inOnePiece;
      return tree;
    } catch (error) {
      const failure = this.explain(error);
      this.#depth = depth;
      this.#inOnePiece = inOnePiece;
      if (this.descriptors.length > descriptors) this.descriptors.length = descriptors;
      if (this.undo !== undefined) undoAll(this.undo.splice(undo));
      if (this.#later.length > later) this.#later.length = later;
      this.memory.rollBack(memory);
      this.references.rollBack(references);
      while (this.#met.length > length) {
        const object = this.#met.pop() as object;
        this.#numbers.delete(object);
        this.#incomplete?.delete(object);
      }
      return instead(failure);
    }
  }

  /** Numbers an object; a function that is an object of its own (`callable`) counts as well. */
  register(object: object): Tree | undefined {
    const known = this.#numbers.get(object);
    if (known === undefined) {
      this.#numbers.set(object, this.#met.push(object) - 1);
      return undefined;
    }
    if (this.#incomplete?.has(object) === true) {
      this.refuse(object, 'is contained in what its own `reduce` returned. Return data without the instance itself');
    }
    return [ESCAPE, Kind.Reference, known];
  }

  #object(object: object): Tree {
    const known = this.register(object);
    if (known !== undefined) return known;
    if (this.#depth >= NEST) {
      if (this.#inOnePiece === 0 && registrationOf(object) === undefined) {
        if (this.#later === NOTHING_LATER) this.#later = [];
        this.#later.push({ object, prefix: { before: this.#prefix, ...this.#path } });
        return [ESCAPE, Kind.Later];
      }
      if (this.#depth >= DEEPEST) {
        this.refuse(
          object,
          `is nested more than ${DEEPEST} levels deep in data that must arrive in one piece. Flatten it`,
        );
      }
    }
    return this.#contents(object);
  }

  #contents(object: object): Tree {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype === Array.prototype && Array.isArray(object)) return reduceArray(this, object);
    if (prototype === Object.prototype) {
      if (isBuiltInNamespace(object)) return reduceNamespace(this, object);
      const fields = reduceFields(this, object);
      return Array.isArray(fields) ? [ESCAPE, Kind.Object, fields] : fields;
    }
    const instance = prototype === null ? undefined : reduceKnownInstance(this, object, prototype as object);
    return instance ?? reduceExotic(this, object, prototype as object | null);
  }

  /** Where the value is that is being reduced. */
  get path(): string {
    return renderPath(this.#root, this.#prefix, this.#path);
  }

  get #path(): Steps {
    return { steps: this.#steps.slice(0, this.#depth), ways: this.#ways.slice(0, this.#depth) };
  }

  /** @returns the number of the descriptor in the message */
  attach(descriptor: number): number {
    if (this.descriptors === NO_DESCRIPTORS) this.descriptors = [];
    return this.descriptors.push(descriptor) - 1;
  }

  ifNotSent(undo: () => void): void {
    this.undo ??= [];
    this.undo.push(undo);
  }

  /**
   * Says that the present value cannot travel.
   *
   * @param why - what comes after "`path` cannot be pickled: it", with the cure
   */
  refuse(value: unknown, why: string, cause?: unknown): never {
    const { path } = this;
    this.#refusal = new PicklingError(`\`${path}\` cannot be pickled: it ${why}.`, {
      path,
      valueType: typeName(value),
      ...(cause !== undefined && { cause }),
    });
    throw this.#refusal;
  }

  /** What to throw for an error that came out of the user's code (a getter, a trap, `reduce`) or out of ours. */
  explain(error: unknown, whileDoing = 'reading it threw'): PicklingError {
    if (error === this.#refusal) return error as PicklingError;
    const { path } = this;
    const message = isStackOverflow(error)
      ? `\`${path}\` cannot be pickled: the stack overflowed on the way to it. Flatten the value, or pickle from a shallower call.`
      : `\`${path}\` cannot be pickled: ${whileDoing} ${inWords(error)}`;
    return new PicklingError(message, { path, valueType: 'unknown', cause: error });
  }
}
