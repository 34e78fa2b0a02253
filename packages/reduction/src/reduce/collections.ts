import { ESCAPE, Kind, type Tree } from '../format.ts';
import { Way } from '../path.ts';
import type { Reducer } from './reducer.ts';

// A snapshot by the built-in iterators: a subclass may have others, and a getter on the way may change the collection.
const entriesOf = (map: ReadonlyMap<unknown, unknown>): [unknown, unknown][] => [...Map.prototype.entries.call(map)];
const membersOf = (set: ReadonlySet<unknown>): unknown[] => [...Set.prototype.values.call(set)];

export function reduceMap(reducer: Reducer, map: ReadonlyMap<unknown, unknown>): Tree {
  const tree: Tree[] = [ESCAPE, Kind.Map];
  const entries = entriesOf(map);
  for (let i = 0; i < entries.length; i++) {
    const [key, value] = entries[i] as [unknown, unknown];
    tree.push(reducer.child(key, i, Way.MapKey), reducer.child(value, key, Way.MapValue));
  }
  return tree;
}

export function reduceSet(reducer: Reducer, set: ReadonlySet<unknown>): Tree {
  const tree: Tree[] = [ESCAPE, Kind.Set];
  const members = membersOf(set);
  for (let i = 0; i < members.length; i++) tree.push(reducer.child(members[i], i, Way.SetMember));
  return tree;
}
