import { inspect } from 'node:util';
import { describe as describeProxy, getValue } from '@mp/managers';
import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { half, isEven, sum } from './fixtures/maths.ts';
import { outcome, started } from './managers.ts';

checkLeaks();

test('a dict is made of pairs, Maps, objects and other dicts, and has the methods of Map', async () => {
  const manager = await started();
  const dict = await manager.dict<string, number>({ a: 1 });
  await dict.update([['b', 2]]);
  await dict.update(new Map([['c', 3]]));
  await dict.update(await manager.dict([['d', 4]]));
  expect(await dict.entries()).toEqual(Object.entries({ a: 1, b: 2, c: 3, d: 4 }));
  expect([await dict.size(), await dict.has('a'), await dict.has('z'), await dict.get('z')]).toEqual([
    4,
    true,
    false,
    undefined,
  ]);
  expect([await dict.pop('a'), await dict.pop('a', 9), await dict.popItem()]).toEqual([1, 9, ['d', 4]]);
  expect([await dict.setDefault('e', 5), await dict.setDefault('e', 6)]).toEqual([5, 5]);
  expect([await dict.delete('e'), await dict.delete('e')]).toEqual([true, false]);
  expect([await dict.keys(), await dict.values()]).toEqual([
    ['b', 'c'],
    [2, 3],
  ]);
  const seen: [string, number][] = [];
  for await (const entry of dict) seen.push(entry);
  expect(seen).toEqual([...dict.sync]);
  expect(await dict.copy()).toEqual(await getValue(dict));
  await dict.clear();
  expect(dict.sync.size()).toBe(0);
  expect(await outcome(manager.dict(5 as never))).toBeInstanceOf(TypeError);
});

test('a list has the methods of Array that take functions, which run in the server', async () => {
  const list = await (await started()).list([1, 2, 3, 2]);
  expect(await list.map(half)).toEqual([0.5, 1, 1.5, 1]);
  expect([await list.find(isEven), await list.findIndex(isEven), await list.filter(isEven)]).toEqual([2, 1, [2, 2]]);
  expect([await list.some(isEven), await list.every(isEven)]).toEqual([true, false]);
  expect([await list.reduce(sum), await list.reduce(sum, 10)]).toEqual([8, 18]);
  expect([await list.concat([4], list), await list.lastIndexOf(2)]).toEqual([[1, 2, 3, 2, 4, 1, 2, 3, 2], 3]);
  expect([await list.keys(), await list.entries()]).toEqual([[0, 1, 2, 3], [...[1, 2, 3, 2].entries()]]);
  await list.fill(0, 2);
  expect(await list.values()).toEqual([1, 2, 0, 0]);
});

test('a list has the methods of Array, and finds by value', async () => {
  const manager = await started();
  const list = await manager.list<unknown>([3, 1, 2]);
  expect(await list.push({ a: 1 }, 'x')).toBe(5);
  expect([await list.indexOf({ a: 1 }), await list.includes('y'), await list.count('x')]).toEqual([3, false, 1]);
  expect([await list.pop(), await list.pop(0), await list.shift()]).toEqual(['x', 3, 1]);
  await list.remove({ a: 1 });
  await list.extend([10, 9]);
  await list.extend(await manager.list([100]));
  await list.insert(1, 7);
  await list.sort();
  expect(await list.values()).toEqual([2, 7, 9, 10, 100]);
  await list.reverse();
  expect([await list.at(-1), await list.slice(1, 3), await list.join('-')]).toEqual([2, [10, 9], '100-10-9-7-2']);
  await list.set(-1, 'end');
  expect(await outcome(list.set(5, 0))).toBeInstanceOf(RangeError);
  expect(await outcome(list.pop(9))).toBeInstanceOf(RangeError);
  expect(await list.splice(1, 3, 'a')).toEqual([10, 9, 7]);
  const seen: unknown[] = [];
  for await (const item of list) seen.push(item);
  expect(seen).toEqual([100, 'a', 'end']);
  expect(seen).toEqual([...list.sync]);
  await list.clear();
  expect([await list.length(), await list.pop()]).toEqual([0, undefined]);
});

test('a set has the methods of Set', async () => {
  const manager = await started();
  const set = await manager.set([1, 2, 3]);
  const other = await manager.set([3, 4]);
  expect(await set.union(other)).toEqual(new Set([1, 2, 3, 4]));
  expect(await set.intersection(other)).toEqual(new Set([3]));
  expect(await set.difference([1])).toEqual(new Set([2, 3]));
  expect(await set.symmetricDifference(other)).toEqual(new Set([1, 2, 4]));
  expect([await set.isSubsetOf([1, 2, 3, 4]), await set.isSupersetOf(other), await set.isDisjointFrom([9])]).toEqual([
    true,
    false,
    true,
  ]);
  await set.symmetricDifferenceUpdate(other);
  expect(await set.values()).toEqual([1, 2, 4]);
  await set.add(5);
  expect([await set.delete(5), await set.delete(5), await set.has(1), await set.pop(), await set.size()]).toEqual([
    true,
    false,
    true,
    1,
    2,
  ]);
  const seen: number[] = [];
  for await (const item of set) seen.push(item);
  expect(seen).toEqual([...set.sync]);
});

test('Value, Array and Namespace', async () => {
  const manager = await started();
  const value = await manager.Value('i', 4);
  await value.set(5);
  value.sync.value += 1;
  expect([await value.get(), value.sync.value]).toEqual([6, 6]);
  const array = await manager.Array('i', [1, 2, 3]);
  await array.set(0, 7);
  expect([await array.at(0), await array.length(), [...array.sync]]).toEqual([7, 3, [7, 2, 3]]);
  expect(await outcome(array.set(3, 0))).toBeInstanceOf(RangeError);
  const namespace = await manager.Namespace<{ x: number; y: string }>({ x: 10 });
  await namespace.set('y', 'hello');
  namespace.sync.x += 1;
  expect([await namespace.get('x'), namespace.sync.y, Object.keys(namespace.sync), 'z' in namespace.sync]).toEqual([
    11,
    'hello',
    ['x', 'y'],
    false,
  ]);
  expect({ ...namespace.sync }).toEqual({ x: 11, y: 'hello' });
});

test('a proxy is printed as what it is, and its object as what that is', async () => {
  const list = await (await started()).list([1, 2]);
  expect(inspect(list)).toBe("<ListProxy object, typeid 'list'>");
  expect(await describeProxy(list)).toBe('[ 1, 2 ]');
});
