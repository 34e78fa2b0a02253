import { ESCAPE, Kind, NUMERIC_BLOCK, type Tree } from '../format.ts';
import type { Reducer } from './reducer.ts';

const { hasOwn, keys: keysOf } = Object;

/** Properties by which `exec`, `match` and template strings are known; arrays with other names lose them (see README). */
interface Named {
  readonly groups?: unknown;
  readonly index?: unknown;
  readonly raw?: unknown;
}

/**
 * An array in one of its forms: itself, quoted, sparse, or a block of numbers.
 *
 * @param escaped - always as an escape, for the base of a subclass
 */
export function reduceArray(reducer: Reducer, array: readonly unknown[], escaped = false): Tree {
  const { length } = array;
  const { groups, index, raw } = array as readonly unknown[] & Named;
  const named = index !== undefined || groups !== undefined || raw !== undefined || (escaped && hasNames(array));
  if (length >= NUMERIC_BLOCK && !named && typeof array[0] === 'number') {
    const block = numericBlock(array);
    if (block !== undefined) return block;
  }
  const elements: Tree[] = [];
  for (let i = 0; i < length; i++) {
    const element = array[i];
    if (element === undefined && !hasOwn(array, i)) return sparse(reducer, array, elements);
    elements.push(reducer.child(element, i));
  }
  if (named) return sparse(reducer, array, elements);
  return escaped || elements[0] === ESCAPE ? [ESCAPE, Kind.Array, ...elements] : elements;
}

const indexOf = (key: string): number | undefined => {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 0xffff_ffff ? index : undefined;
};

const hasNames = (array: readonly unknown[]): boolean => {
  const keys = keysOf(array);
  return keys.length > 0 && indexOf(keys[keys.length - 1] as string) === undefined;
};

/** From the first hole on only what exists: an array of length 4,000,000,000 may have two elements. */
function sparse(reducer: Reducer, array: readonly unknown[], before: readonly Tree[]): Tree {
  const tree: Tree[] = [ESCAPE, Kind.Sparse, array.length];
  before.forEach((element, i) => {
    tree.push(i, element);
  });
  for (const key of keysOf(array)) {
    const index = indexOf(key);
    if (index !== undefined && index < before.length) continue;
    tree.push(index ?? reducer.child(key, key));
    tree.push(reducer.child((array as unknown as Record<string, unknown>)[key], index ?? key));
  }
  // Not enumerable on the arrays that template tags get.
  if ((array as Named).raw !== undefined && !keysOf(array).includes('raw')) {
    tree.push(null, reducer.child((array as Named).raw, 'raw'));
  }
  return tree;
}

/** Elements are read once; the first that is no int32 turns the block into float64, the first that is no number ends it. */
function numericBlock(array: readonly unknown[]): Tree | undefined {
  const { length } = array;
  const integers = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const element = array[i];
    if (typeof element !== 'number') return undefined;
    if ((element | 0) !== element || (element === 0 && 1 / element < 0)) return floatBlock(array, integers, i, element);
    integers[i] = element;
  }
  return [ESCAPE, Kind.Int32Numbers, bytesOf(integers)];
}

function floatBlock(array: readonly unknown[], before: Int32Array, at: number, first: number): Tree | undefined {
  const { length } = array;
  const floats = new Float64Array(length);
  floats.set(before.subarray(0, at));
  floats[at] = first;
  for (let i = at + 1; i < length; i++) {
    const element = array[i];
    if (typeof element !== 'number') return undefined;
    floats[i] = element;
  }
  return [ESCAPE, Kind.Float64Numbers, bytesOf(floats)];
}

const bytesOf = (numbers: Int32Array | Float64Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
