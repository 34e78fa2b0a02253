import { closureOf } from '../callable.ts';
import { ESCAPE, Kind, type Tree } from '../format.ts';
import { Way } from '../path.ts';
import { findBuiltIn } from '../references/built-ins.ts';
import type { Entry } from '../references/entry.ts';
import { findExport, Unnamed } from '../references/find-export.ts';
import { nameOfFunction, registeredByPrototype } from '../registry.ts';
import type { Reducer } from './reducer.ts';

/** A function or a class travels as its name, a `callable` as the name of its function and what it has captured. */
export function reduceFunction(reducer: Reducer, fn: (...args: never[]) => unknown): Tree {
  const closure = closureOf(fn);
  if (closure !== undefined) {
    const known = reducer.register(fn);
    if (known !== undefined) return known;
    const tree: Tree[] = [ESCAPE, Kind.Callable, reducer.child(closure.fn, '.fn', Way.Words)];
    closure.captured.forEach((value, i) => {
      tree.push(reducer.child(value, i, Way.Captured));
    });
    return tree;
  }
  const entry = entryOf(fn);
  if (entry instanceof Unnamed) return reducer.refuse(fn, entry.why);
  return [ESCAPE, Kind.Named, reducer.references.add(fn, entry)];
}

/** Math, JSON and the like. */
export function reduceNamespace(reducer: Reducer, namespace: object): Tree {
  const entry = findBuiltIn(namespace);
  if (entry === undefined) return reducer.refuse(namespace, 'is a namespace of the language that has no name');
  return [ESCAPE, Kind.Named, reducer.references.add(namespace, entry)];
}

function entryOf(fn: (...args: never[]) => unknown): Entry | Unnamed {
  const registered = nameOfFunction(fn);
  if (registered !== undefined) return registered;
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, 'prototype')?.value;
  const asClass = typeof prototype === 'object' && prototype !== null ? registeredByPrototype(prototype) : undefined;
  if (asClass?.entry !== undefined && asClass.Class === (fn as unknown)) return asClass.entry;
  return findExport(fn);
}
