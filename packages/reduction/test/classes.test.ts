import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { dumps, loadsSync } from '../src/index.ts';
import DefaultClass from './fixtures/default-class.ts';
import {
  Blob8,
  constructions,
  Labelled,
  Moment,
  MoreSecret,
  OldStyle,
  Pixels,
  Point,
  PublicWithStaticSecret,
  Registry,
  Secret,
  Stack,
  Tags,
} from './fixtures/shapes.ts';
import { inAnotherProcess } from './other-process.ts';
import { refusalOf } from './refusals.ts';
import { difference } from './same.ts';
import { legacy } from './untyped-fixtures.ts';

const there = <T>(value: T): T => loadsSync(dumps(value)) as T;

const old = Reflect.construct(OldStyle, [4]) as { value: number; twice(): number };
const stack = Stack.from(['a', 'b']) as Stack<string>;
const cyclic = new Labelled(1, 2);
cyclic.child = cyclic;

test.each([
  ['an instance', new Point(3, 4)],
  ['an instance of a derived class', Object.assign(new Labelled(1, 2), { label: 'ab', child: new Labelled(5, 6) })],
  ['an instance that contains itself', cyclic],
  ['an instance with symbol keys', Object.assign(new Point(1, 1), { [Symbol.for('tag')]: 'x' })],
  [
    'an instance with a field that the class has a setter for',
    Object.defineProperty(new Point(1, 1), 'y2', { value: 7, enumerable: true, writable: true, configurable: true }),
  ],
  ['an instance of a class of CommonJS', new legacy.Point(21)],
  ['an instance of a default class without a name', new DefaultClass('loud')],
  ['an instance of a class with static private members', new PublicWithStaticSecret()],
  ['an instance of a function used as a class', old],
  [
    'a derived Map',
    Object.assign(
      new Registry([
        ['a', 1],
        ['b', { c: 2 }],
      ]),
      { owner: 'you' },
    ),
  ],
  ['a derived Set', new Tags(['x', 'y'])],
  ['a derived array', stack],
  ['a derived array with own properties', Object.assign(Stack.from([1, 2]), { label: 'mine' })],
  ['a derived array with holes', Object.assign(new Stack(), { 2: 'c' })],
  ['a derived typed array', Pixels.from([1, 2, 3])],
  ['a derived Buffer', Object.setPrototypeOf(Buffer.from('abc'), Blob8.prototype) as Buffer],
  ['a derived Date', new Moment(1e12)],
])('%s arrives as one', (_, value) => {
  const arrived = there([value, { again: value }]);
  expect(difference([value, { again: value }], arrived)).toBeUndefined();
  expect(Object.getPrototypeOf(arrived[0])).toBe(Object.getPrototypeOf(value));
});

test('methods and accessors work on what arrives, and no constructor has run', () => {
  const before = constructions();
  const [point, fromOld, top, sum, got] = there([
    new Point(3, 4),
    old,
    stack,
    Pixels.from([1, 2]) as Pixels,
    new Registry([['k', 1]]),
  ] as const);
  expect(constructions()).toBe(before + 1);
  expect(point.norm).toBe(5);
  expect(fromOld.twice()).toBe(8);
  expect(top.top()).toBe('b');
  expect(sum.sum).toBe(3);
  expect(got.get('k')).toBe('got 1');
});

test('instances arrive in another process, whose module they bring along', async () => {
  const value = [new Point(3, 4), new Registry([['k', 1]]), new legacy.Point(21), new DefaultClass('loud'), stack];
  const look = `[arrived[0].norm, arrived[1].get('k'), arrived[2].twice, arrived[3].shout(), arrived[4].top(), arrived[0].constructor.name]`;
  const expected = [5, 'got 1', 42, 'LOUD', 'b', 'Point'];
  expect(await inAnotherProcess(value, look)).toEqual(expected);
  expect(await inAnotherProcess(value, look, { by: 'loadsSync' })).toEqual(expected);
});

test('a class that is not exported is refused by its name', () => {
  class Hidden {}
  expect(refusalOf([new Hidden()]).message).toMatch(
    /`value\[0\]` cannot be pickled: .*the class `Hidden`, which is not exported from file:.*classes\.test\.ts/,
  );
});

test('private members are refused with the cure, also in a base class', () => {
  expect(refusalOf(new Secret(1)).message).toContain(
    '`Secret`, which has private members (#…) that cannot be seen from outside. Call register(Secret',
  );
  expect(refusalOf(new MoreSecret(1)).message).toContain('inherits from `Secret`, which has private members');
});

test('an object whose prototype is no class is refused', () => {
  expect(refusalOf(Object.create({ inherited: 1 })).message).toContain('has a prototype that is not that of a class');
  expect(refusalOf(Object.setPrototypeOf([], null)).message).toContain('prototype was taken away');
});

test('objects that keep their state inside Node are refused with the cure', () => {
  expect(refusalOf(new EventEmitter()).message).toContain('keeps its state inside Node. Call register');
  expect(refusalOf(new Intl.NumberFormat()).message).toContain('keeps its state inside Node. Call register');
  expect(refusalOf(new AbortController().signal).message).toContain('keeps its state inside Node. Call register');
  expect(refusalOf(new Headers()).message).toContain('keeps its state inside Node. Call register');
});

test('a field that cannot travel is named from the root', () => {
  const point = Object.assign(new Labelled(1, 2), { child: { listeners: [() => 1] } });
  expect(refusalOf({ shapes: new Map([['first', [point]]]) }).message).toContain(
    '`value.shapes.get("first")[0].child.listeners[0]`',
  );
});
