import type { Tree } from '../format.ts';
import { Way } from '../path.ts';
import type { Reducer } from './reducer.ts';

const { getOwnPropertySymbols, keys: keysOf } = Object;
const isEnumerable = Object.prototype.propertyIsEnumerable;

/** Keys that a map of msgpackr's cannot have: it takes `constructor` for the class of the object, and renames the other. */
const isAwkward = (key: string): boolean => key === 'constructor' || key === '__proto__' || !key.isWellFormed();

/** The own enumerable symbols of an object; most objects have none. */
export function symbolsOf(object: object): symbol[] {
  const symbols = getOwnPropertySymbols(object);
  return symbols.length === 0 ? symbols : symbols.filter((symbol) => isEnumerable.call(object, symbol));
}

/** The own enumerable properties of an object as `fields`: a map, or a flat array if some key needs it. */
export function reduceFields(reducer: Reducer, object: object): Tree {
  return reduceProperties(reducer, object, keysOf(object), symbolsOf(object));
}

export function reduceProperties(
  reducer: Reducer,
  object: object,
  keys: readonly string[],
  symbols: readonly symbol[],
): Tree {
  if (symbols.length === 0 && !keys.some(isAwkward)) {
    const map: { [key: string]: Tree } = {};
    for (const key of keys) map[key] = reducer.property(object, key);
    return map;
  }
  const entries: Tree[] = [];
  for (const key of [...keys, ...symbols]) {
    entries.push(reducer.child(key, key, Way.Key), reducer.property(object, key));
  }
  return entries;
}
