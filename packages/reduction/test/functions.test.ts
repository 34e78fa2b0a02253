// @module-tag every-node
import fs from 'node:fs';
import { runInThisContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { callable, dumps, loads, loadsSync, PicklingError, registerFunction } from '../src/index.ts';
import members from './fixtures/default-members.ts';
import arrow, { anotherThreeTimes, nineTimes, sixTimes, threeTimes } from './fixtures/more-maths.ts';
import { inAnotherProcess } from './other-process.ts';
import { refusalOf } from './refusals.ts';
import { alone, legacy, maths } from './untyped-fixtures.ts';

const there = <T>(value: T): T => loadsSync(dumps(value)) as T;

const functions: readonly (readonly [string, unknown])[] = [
  ['an exported function', maths.double],
  ['an exported async function', maths.later],
  ['an exported arrow function', maths.square],
  ['an exported function expression with another name', maths.cube],
  ['a method of an exported object', maths.ops.add],
  ['an arrow function in an exported object', maths.ops.subtract],
  ['a static method', maths.Calculator.half],
  ['a function exported under another name', maths.negate],
  ['a default export without a name', maths.default],
  ['a generator function', maths.count],
  ['a class', maths.Calculator],
  ['a function of TypeScript', threeTimes],
  ['a default arrow function of TypeScript', arrow],
  ['a member of a default export', members.greet],
  ['a function of CommonJS', legacy.triple],
  ['a function in an object of CommonJS', legacy.ops.add],
  ['a class of CommonJS', legacy.Point],
  ['module.exports itself', alone],
  ['a global function', parseInt],
  ['a function of a global object', Math.max],
  ['a method of a built-in class', Array.prototype.map],
  ['a static method of a built-in class', Object.keys],
  ['a method of console', console.error],
  ['a method of process', process.cwd],
  ['a function of a module of Node', fs.readFileSync],
  ['a class of a module of Node', fs.Stats],
  ['a built-in class', Map],
  ['a global class of Node', Headers],
];

test.each(functions)('%s arrives as the function that it is', (_, fn) => {
  expect(there(fn)).toBe(fn);
  expect(there({ deep: [fn, fn] })).toEqual({ deep: [fn, fn] });
});

test('the language’s namespaces arrive as themselves', () => {
  const namespaces = [Math, JSON, Reflect, Atomics, Intl, console];
  expect(there(namespaces).every((namespace, i) => namespace === namespaces[i])).toBe(true);
});

test('a message holds the name of a function and nothing of its code', () => {
  const bytes = Buffer.from(dumps(maths.double)).toString('latin1');
  expect(bytes).toContain('double');
  expect(bytes).toContain('/fixtures/maths.mjs');
  expect(bytes).not.toContain('return');
});

test('functions of every kind of module run in another process', async () => {
  const { double, later, square, cube, ops, Calculator, negate, count, default: unnamed } = maths;
  const value = [
    double,
    later,
    square,
    cube,
    ops.add,
    Calculator.half,
    negate,
    threeTimes,
    legacy.triple,
    alone,
    unnamed,
    arrow,
    members.greet,
  ];
  const expected = [10, 6, 25, 125, 8, 2.5, -5, 15, 15, 'alone 5', 'default 5', 'arrow 5', 'hello 5'];
  const call = 'Promise.all(arrived[0].map((f) => f(5, 3))).then((results) => [...results, [...arrived[1](3)]])';
  expect(await inAnotherProcess([value, count], call)).toEqual([...expected, [0, 1, 2]]);
  expect(await inAnotherProcess([value, count], call, { by: 'loadsSync' })).toEqual([...expected, [0, 1, 2]]);
});

test('what a function calls is found there, though it was never pickled', async () => {
  expect(await inAnotherProcess(maths.six, 'arrived(7)')).toBe(42);
});

test('a callable takes its captured values along', async () => {
  const triple = callable(maths.scale, 3);
  expect(triple(14)).toBe(42);
  expect(
    await inAnotherProcess([triple, callable(triple, 5)], '[arrived[0](14), arrived[1](), arrived[0].name]'),
  ).toEqual([42, 15, 'callable scale']);
});

test('a callable may capture an object that contains it', () => {
  const box: { call?: () => unknown } = {};
  box.call = callable((value: unknown) => value, box);
  expect(() => dumps(box)).toThrow(PicklingError);
  const list: unknown[] = [];
  const call = callable(maths.ops.add as unknown as (a: unknown[], b: string) => unknown, list);
  list.push(call);
  const [arrived] = there([call, list]) as [(b: string) => unknown, unknown[]];
  expect(arrived('!')).toMatch(/callable add|function/);
});

test('a registered function needs no export', async () => {
  const secret = (x: number): number => x * 6;
  registerFunction('test/secret', secret);
  expect(there(secret)).toBe(secret);
  const before = `registerFunction('test/secret', (x) => x + 1);`;
  expect(await inAnotherProcess(secret, 'arrived(7)', { before })).toBe(8);
  expect(await inAnotherProcess(secret, 'arrived(7)')).toMatch(/UnpicklingError: .*test\/secret.*registerFunction/);
});

test('a function registered by a module that the receiver has not loaded makes it load the module', async () => {
  const { hidden } = await import('./fixtures/registering.ts');
  expect(await inAnotherProcess(hidden, 'arrived(1)')).toBe('hidden 1');
  expect(await inAnotherProcess(hidden, 'arrived(1)', { by: 'loadsSync' })).toBe('hidden 1');
});

test('two functions cannot be registered under one name', () => {
  registerFunction('test/once', maths.double);
  registerFunction('test/once', maths.double);
  expect(() => registerFunction('test/once', maths.square)).toThrow('another function has that name already');
});

test('a local function is refused with its place and the cures', () => {
  const { path, message, valueType } = refusalOf({ users: [{}, { callback: maths.notExported() }] });
  expect(path).toBe('value.users[1].callback');
  expect(valueType).toBe('function');
  expect(message).toContain('the function `local`, which is not exported from file:///');
  expect(message).toContain(
    'fixtures/maths.mjs. Export it, wrap it with callable(f, …captured), register it with registerFunction(name, f), or use the fork start method',
  );
});

test.each([
  ['a closure', () => maths.closure(2), 'an anonymous function, which is not exported from'],
  ['a bound function', () => maths.double.bind(null), 'a bound function'],
  ['a function made by eval', () => runInThisContext('(function ev() {})') as unknown, 'made by eval'],
  ['a function made by the Function constructor', () => new Function('return 1'), 'made by eval'],
  ['a Proxy of a function', () => new Proxy(maths.double, {}), 'is a Proxy of a function'],
  ['a native function without a name anywhere', () => Promise.withResolvers().resolve, 'native code that no global'],
])('%s is refused', (_, make, why) => {
  expect(refusalOf([make()]).message).toContain(why);
  expect(refusalOf([make()]).path).toBe('value[0]');
});

test('a function found once is not looked for again', () => {
  const { prototype } = process.getBuiltinModule('node:inspector').Session;
  const connect = vi.spyOn(prototype, 'connect');
  const disconnect = vi.spyOn(prototype, 'disconnect');
  try {
    dumps([sixTimes, nineTimes]);
    expect(connect).toHaveBeenCalledTimes(1);
    expect(disconnect).toHaveBeenCalledTimes(1);
    dumps([nineTimes, { sixTimes }]);
    expect(connect).toHaveBeenCalledTimes(1);
  } finally {
    vi.restoreAllMocks();
  }
});

test('a promise of the bytes of a function leads to the same function', async () => {
  expect(await loads(dumps(maths.double))).toBe(maths.double);
});

test('a function that is another one than the export of its name is refused with the reason', () => {
  expect(refusalOf(anotherThreeTimes()).message).toMatch(
    /it is the function `threeTimes`, which is another one than the `threeTimes` that file:.*more-maths\.ts exports: .*vitest/,
  );
});
