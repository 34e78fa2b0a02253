import { Kind, type Tree } from '../format.ts';
import { bytes, construct, corrupt, type Escape, integer, type NewTarget } from './checks.ts';
import { setField } from './fields.ts';
import type { Reviver } from './reviver.ts';

export function makeArray(node: Escape, newTarget: NewTarget): unknown[] {
  if (node[1] === Kind.Int32Numbers) return arrayOf(numbersOf(Int32Array, node[2]), newTarget);
  if (node[1] === Kind.Float64Numbers) return arrayOf(numbersOf(Float64Array, node[2]), newTarget);
  return construct(Array, [], newTarget);
}

/** Bytes that were copied out of the message have an ArrayBuffer of their own, or at least an aligned place in one. */
function numbersOf<T>(Type: new (memory: ArrayBufferLike, start: number, length: number) => T, tree: Tree): T {
  const block = bytes(tree);
  const size = (Type as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  if (block.length % size !== 0) corrupt('a block of numbers is cut off');
  const aligned = block.byteOffset % size === 0 ? block : Uint8Array.prototype.slice.call(block);
  return new Type(aligned.buffer, aligned.byteOffset, block.length / size);
}

/** Arrays made with a length beyond this are hash tables inside V8, and stay so. */
const DICTIONARY = 2 ** 24;

/**
 * What V8 keeps as an array of doubles, or of small integers. One that is made by `new Array` becomes an array of objects
 * when it has seen some of both, each double an object of its own: 70 ns an element with what the collector does then.
 */
const DOUBLES: readonly number[] = [0.5];
const INTEGERS: readonly number[] = [0];

/** Made with its length, an array takes 1 to 5 ns an element; growing it by `push`, or `Array.from`, takes 25. */
function arrayOf(numbers: Int32Array | Float64Array, newTarget: NewTarget): unknown[] {
  const { length } = numbers;
  if (newTarget === undefined && length > 0) {
    return numbers instanceof Float64Array ? doublesOf(numbers) : integersOf(numbers);
  }
  const array: unknown[] = construct(Array, length < DICTIONARY ? [length] : [], newTarget);
  for (let i = 0; i < length; i++) array[i] = numbers[i];
  return array;
}

/** One function for each kind: what it stores into is always the same for V8. */
function doublesOf(numbers: Float64Array): number[] {
  const { length } = numbers;
  const array = DOUBLES.slice();
  if (length < DICTIONARY) array.length = length;
  for (let i = 0; i < length; i++) array[i] = numbers[i] as number;
  return array;
}

function integersOf(numbers: Int32Array): number[] {
  const { length } = numbers;
  const array = INTEGERS.slice();
  if (length < DICTIONARY) array.length = length;
  for (let i = 0; i < length; i++) array[i] = numbers[i] as number;
  return array;
}

export function fillArray(reviver: Reviver, node: Escape, array: unknown[]): void {
  if (node[1] === Kind.Sparse) {
    fillSparse(reviver, node, array);
    return;
  }
  for (let i = 2; i < node.length; i++) array.push(reviver.value(node[i]));
}

function fillSparse(reviver: Reviver, node: Escape, array: unknown[]): void {
  const length = integer(node[2]);
  if (length > 0xffff_ffff) corrupt('an array is longer than arrays can be');
  if (node.length % 2 !== 1) corrupt('a property has no value');
  for (let i = 3; i < node.length; i += 2) {
    const at = node[i];
    const key = typeof at === 'number' ? integer(at) : reviver.value(at);
    const value = reviver.value(node[i + 1]);
    if (typeof key === 'number')
      array[key < length ? key : corrupt('an element is beyond the end of its array')] = value;
    else if (typeof key === 'string' && key !== 'length') setField(array, key, value);
    else if (key === null) setField(array, 'raw', value, false);
    else corrupt('the name of a property is none');
  }
  array.length = length;
}
