import { ESCAPE, Kind, type Tree } from '../format.ts';
import type { Step } from '../path.ts';
import type { Reducer } from './reducer.ts';

// A snapshot by the built-in iterators: a subclass may have others, and a getter on the way may change the collection.
const entriesOf = (map: ReadonlyMap<unknown, unknown>): [unknown, unknown][] => [...Map.prototype.entries.call(map)];
const membersOf = (set: ReadonlySet<unknown>): unknown[] => [...Set.prototype.values.call(set)];

export function reduceMap(reducer: Reducer, map: ReadonlyMap<unknown, unknown>): Tree {
  const tree: Tree[] = [ESCAPE, Kind.Map];
  entriesOf(map).forEach(([key, value], i) => {
    tree.push(reducer.child(key, { words: `.keys()[${i}]` }));
    tree.push(reducer.child(value, valueStep(key, i)));
  });
  return tree;
}

export function reduceSet(reducer: Reducer, set: ReadonlySet<unknown>): Tree {
  const tree: Tree[] = [ESCAPE, Kind.Set];
  membersOf(set).forEach((member, i) => {
    tree.push(reducer.child(member, { words: `.values()[${i}]` }));
  });
  return tree;
}

const isPrimitive = (value: unknown): boolean => Object(value) !== value;

function valueStep(key: unknown, position: number): Step {
  if (typeof key === 'string') return { words: `.get(${JSON.stringify(key)})` };
  return { words: isPrimitive(key) ? `.get(${String(key)})` : `.values()[${position}]` };
}
