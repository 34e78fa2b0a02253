import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { dumps, loadsSync, Pickler, PicklingError } from '../src/index.ts';
import * as shapes from './fixtures/shapes.ts';
import { Labelled, Point } from './fixtures/shapes.ts';
import { refusalOf } from './refusals.ts';
import { difference } from './same.ts';

const there = <T>(value: T): T => loadsSync(dumps(value)) as T;

function* generate(): Generator<number> {
  yield 1;
}
const raise = (error: Error): never => {
  throw error;
};
const shared = new SharedArrayBuffer(8);
const detached = new ArrayBuffer(8);
const views = [new Uint8Array(detached), Buffer.from(detached)];
structuredClone(detached, { transfer: [detached] });
const { port1, port2 } = new MessageChannel();
port1.close();
port2.close();

describe('is refused, with the path and the cure:', () => {
  test.each<[string, unknown, string, string]>([
    ['a function', () => 1, 'function', 'Export it'],
    ['a symbol of this process', Symbol('mine'), 'symbol', 'Use Symbol.for'],
    ['an object with such a symbol as a key', { [Symbol('key')]: 1 }, 'symbol', 'Use Symbol.for'],
    ['a Promise', Promise.resolve(1), 'Promise', 'Await it and send the result'],
    ['a WeakMap', new WeakMap(), 'WeakMap', 'Use a Map'],
    ['a WeakSet', new WeakSet(), 'WeakSet', 'Use a Set'],
    ['a WeakRef', new WeakRef({}), 'WeakRef', 'Send what it refers to'],
    ['a FinalizationRegistry', new FinalizationRegistry(() => {}), 'FinalizationRegistry', 'Call register'],
    ['a generator', generate(), 'object', 'Send an array of what it yields'],
    ['an iterator of a Map', new Map().entries(), 'object', 'Send an array of what it yields'],
    ['an iterator of a Set', new Set().values(), 'object', 'Send an array of what it yields'],
    ['a SharedArrayBuffer', shared, 'SharedArrayBuffer', '@mp/shared-memory'],
    ['a view of a SharedArrayBuffer', new Uint8Array(shared), 'Uint8Array', '@mp/shared-memory'],
    ['a Buffer on a SharedArrayBuffer', Buffer.from(shared), 'Buffer', '@mp/shared-memory'],
    ['a detached ArrayBuffer', detached, 'ArrayBuffer', 'is detached'],
    ['a view of a detached ArrayBuffer', views[0], 'Uint8Array', 'is detached'],
    ['a Buffer on a detached ArrayBuffer', views[1], 'Buffer', 'is detached'],
    ['a MessagePort', port1, 'MessagePort', 'Use a Pipe or a Queue'],
    ['a Proxy of a Map', new Proxy(new Map(), {}), 'Proxy', 'Send the target'],
    ['a Proxy of an instance', new Proxy(new Point(1, 2), {}), 'Proxy', 'Send the target'],
    ['globalThis', globalThis, 'Object', 'Use it inside the function'],
    ['process', process, 'process', 'Use it inside the function'],
    ['the namespace of a module', shapes, 'object', 'Import the module on the other side'],
    ['an Intl object', new Intl.Collator(), 'Collator', 'Call register'],
    ['a timer', setTimeout(() => {}, 0).unref(), 'Timeout', 'Call register'],
    ['an AbortController', new AbortController(), 'AbortController', 'Call register'],
    ['a function of another realm', runInNewContext('(function far() {})'), 'function', 'made by eval'],
  ])('%s', (_, value, type, cure) => {
    const error = refusalOf({ list: [0, value] });
    expect(error.path).toMatch(/^value\.list\[1\]/);
    expect(error.message).toContain(`\`${error.path}\` cannot be pickled: it `);
    expect(error.message).toContain(cure);
    expect(error.valueType).toBe(type);
  });
});

describe('the path of an error', () => {
  const bad = Promise.resolve();

  test.each<[string, unknown, string]>([
    ['names properties and indexes', { users: [{}, { 'first name': [[bad]] }] }, 'value.users[1]["first name"][0][0]'],
    [
      'names the value of a key of a Map',
      new Map([
        ['a', 1],
        ['b c', bad as never],
      ]),
      'value.get("b c")',
    ],
    ['names the value of another key of a Map', new Map([[5, { x: bad }]]), 'value.get(5).x'],
    [
      'names a key of a Map by its position',
      new Map<unknown, unknown>([
        [1, 1],
        [{ x: bad }, 2],
      ]),
      'value.keys()[1].x',
    ],
    ['names a member of a Set by its position', new Set([1, bad]), 'value.values()[1]'],
    ['names a symbol', { [Symbol.for('s')]: bad }, 'value[Symbol(s)]'],
    ['names a field of an instance', Object.assign(new Labelled(1, 1), { child: bad }), 'value.child'],
    ['names an element of a sparse array', Object.assign([], { 70000: bad }), 'value[70000]'],
    [
      'names a property of a match',
      Object.assign(/a/.exec('a') as RegExpExecArray, { groups: { g: bad } }),
      'value.groups.g',
    ],
    ['is the root itself', bad, 'value'],
  ])('%s', (_, value, path) => {
    expect(refusalOf(value).path).toBe(path);
  });

  test('begins with what the root is called', () => {
    expect(() => new Pickler().pickle([{ a: bad }], 'args')).toThrow('`args[0].a` cannot be pickled');
  });

  test('is cut in the middle when it is very long', () => {
    let deep: unknown = bad;
    for (let i = 0; i < 5000; i++) deep = { next: deep };
    const { path } = refusalOf(deep);
    expect(path).toMatch(/^value(\.next){24}…\(4952 more\)…(\.next){24}$/);
  });
});

test('getters are read, and what they return arrives as a value', () => {
  const object = {
    get now() {
      return new Map([['at', 5]]);
    },
  };
  expect(there(object)).toEqual({ now: new Map([['at', 5]]) });
  expect(Object.getOwnPropertyDescriptor(there(object), 'now')).toMatchObject({ writable: true, enumerable: true });
});

test('a getter that throws is an error with its path and cause, and the pickler goes on working', () => {
  const cause = new RangeError('not now');
  const object = { a: [Object.defineProperty({}, 'b', { enumerable: true, get: () => raise(cause) })] };
  const error = refusalOf(object);
  expect(error.path).toBe('value.a[0].b');
  expect(error.message).toContain('reading it threw RangeError: not now');
  expect(error.cause).toBe(cause);
  expect(there([1])).toEqual([1]);
});

test.each<[string, unknown[]]>([
  ['a function', [1, () => 1]],
  ['a symbol', [1, Symbol('s')]],
  ['an error', [1, new Error('thrown')]],
])('a getter that changes to %s the second time does not slip through', (_, answers) => {
  let reads = 0;
  const make = (): object => ({
    get changing() {
      const answer = answers[Math.min(reads++, 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  expect(() => dumps(make())).toThrow(PicklingError);
  expect(there([1])).toEqual([1]);
});

test('a getter whose every answer is another object arrives as one of them', () => {
  let reads = 0;
  const lazy = Object.defineProperty({}, 'items', { enumerable: true, get: () => [++reads, { reads }] });
  for (const value of [[lazy], [lazy, new Map()]]) {
    const [{ items }] = there(value) as unknown as [{ items: [number, { reads: number }] }];
    expect(items).toEqual([items[1].reads, { reads: items[0] }]);
  }
});

test('a getter that pickles does not disturb the message it is part of', () => {
  const make = (inner: unknown): object => ({
    before: ['b'],
    get inner() {
      return dumps(inner).length;
    },
    after: { a: 'a' },
  });
  for (const inner of [[1, 2], new Map([[1, { a: 1 }]]), 'text'.repeat(10_000)]) {
    const expected = { before: ['b'], inner: dumps(inner).length, after: { a: 'a' } };
    expect(there(make(inner))).toEqual(expected);
    expect(there([new Set([1]), make(inner)])).toEqual([new Set([1]), expected]);
  }
});

test('an object that changes while it is read arrives in some state, and its message is sound', () => {
  const list: unknown[] = [1, 2, 3];
  const map = new Map<unknown, unknown>([['a', 1]]);
  const value = {
    list,
    map,
    get meddle() {
      list.length = 1;
      map.set('b', 2);
      map.delete('a');
      return 'done';
    },
    again: [list, map],
  };
  const arrived = there(value);
  expect(arrived.meddle).toBe('done');
  expect(arrived.again[0]).toBe(arrived.list);
  expect(arrived.again[1]).toBe(arrived.map);
});

test('toJSON is nobody’s business', () => {
  const value = { toJSON: 'data', nested: [{ toJSON: null }] };
  expect(there(value)).toEqual(value);
  expect(refusalOf({ toJSON: () => 'replaced' }).path).toBe('value.toJSON');
});

test('a Proxy of plain data is read as the data it shows, beside other things too', () => {
  const proxy = new Proxy(
    { a: 1 },
    {
      get: (_, key) => `seen ${String(key)}`,
      getOwnPropertyDescriptor: (target, key) => Reflect.getOwnPropertyDescriptor(target, key),
    },
  );
  expect(there([proxy])).toEqual([{ a: 'seen a' }]);
  expect(there([proxy, new Map()])).toEqual([{ a: 'seen a' }, new Map()]);
  expect(there([new Proxy([1, 2], {}), new Map()])).toEqual([[1, 2], new Map()]);
});

test('a Proxy whose traps throw is an error, and the pickler goes on working', () => {
  for (const trap of ['getPrototypeOf', 'ownKeys', 'get', 'getOwnPropertyDescriptor'] as const) {
    const proxy = new Proxy({ a: 1 }, { [trap]: () => raise(new Error(`no ${trap}`)) });
    expect(refusalOf([proxy]).message).toContain(`no ${trap}`);
  }
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(refusalOf([proxy]).path).toBe('value[0]');
  expect(there([1])).toEqual([1]);
});

test('objects that pretend to be others arrive as what they are', () => {
  const pretenders: object[] = [
    Object.assign(Object.create(null) as object, { constructor: 'Array' }),
    { constructor: Array, length: 3 },
    { [Symbol.toStringTag]: 'Map', size: 1 },
    { __proto__: null, valueOf: 1 },
  ];
  const arrived = there(pretenders.filter((_, i) => i !== 1));
  expect(
    difference(
      pretenders.filter((_, i) => i !== 1),
      arrived,
    ),
  ).toBeUndefined();
  expect(there({ constructor: Array, length: 3 })).toEqual({ constructor: Array, length: 3 });
  expect(refusalOf(Object.create(Map.prototype)).message).toContain('keeps its state inside Node');
});

test('plain objects and arrays of another realm become those of this one', () => {
  const far = runInNewContext(
    '({ list: [1, { two: 2 }], none: Object.create(null), map: new Map([[1, [2]]]) })',
  ) as object;
  const arrived = there(far) as { list: unknown[]; map: Map<unknown, unknown> };
  expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
  expect(Object.getPrototypeOf(arrived.list)).toBe(Array.prototype);
  expect(arrived.list).toEqual([1, { two: 2 }]);
  expect(arrived.map).toEqual(new Map([[1, [2]]]));
});

test('what Object.prototype was given by others is not taken for a property', () => {
  Object.defineProperty(Object.prototype, 'polluted', {
    value: 'yes',
    enumerable: true,
    configurable: true,
    writable: true,
  });
  try {
    expect(Object.keys(there({ a: 1, b: new Map() }))).toEqual(['a', 'b']);
    expect(Object.keys(there({ a: 1 }))).toEqual(['a']);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'polluted');
  }
});

test('depth is no limit for plain data, collections and instances', () => {
  const wrap = [
    (v: unknown) => [v],
    (v: unknown) => ({ v }),
    (v: unknown) => new Map([['v', v]]),
    (v: unknown) => new Set([v]),
    (v: unknown) => Object.assign(new Labelled(0, 0), { child: v }),
  ];
  let deep: unknown = 'bottom';
  for (let i = 0; i < 20_000; i++) deep = wrap[i % wrap.length]?.(deep);
  let arrived = there(deep);
  for (let i = 19_999; i >= 0; i--) {
    const unwrap = [
      () => (arrived as unknown[])[0],
      () => (arrived as { v: unknown }).v,
      () => (arrived as Map<string, unknown>).get('v'),
      () => [...(arrived as Set<unknown>)][0],
      () => (arrived as Labelled).child,
    ];
    arrived = unwrap[i % wrap.length]?.();
  }
  expect(arrived).toBe('bottom');
});

test('a linked list in a circle of 100,000 objects arrives as a circle', () => {
  const first: { next?: object; i: number } = { i: 0 };
  let last = first;
  for (let i = 1; i < 100_000; i++) {
    const node = { i };
    last.next = node;
    last = node;
  }
  last.next = first;
  const arrived = there(first);
  let node = arrived;
  for (let i = 0; i < 100_000; i++) node = node.next as typeof first;
  expect(node).toBe(arrived);
});

test('references shared a million times over are a small message', () => {
  let value: unknown = ['lol'];
  for (let i = 0; i < 60; i++) value = [value, value];
  const bytes = dumps(value);
  expect(bytes.length).toBeLessThan(1000);
  const arrived = loadsSync(bytes) as unknown[][];
  expect(arrived[0]).toBe(arrived[1]);
});

test('an overflowing stack is an error, and the pickler goes on working', () => {
  const dive = (depth: number): string => {
    try {
      return dive(depth + 1);
    } catch (error) {
      if (depth % 7 !== 0) throw error;
      try {
        dumps([new Map([[1, { a: [1] }]]), 'x'.repeat(100)]);
        return 'pickled';
      } catch (inner) {
        if (inner instanceof PicklingError) return 'refused';
        throw inner;
      }
    }
  };
  for (let i = 0; i < 20; i++) {
    expect(dive(0)).toMatch(/pickled|refused/);
    expect(there([new Map([[1, { a: [1] }]])])).toEqual([new Map([[1, { a: [1] }]])]);
  }
});
