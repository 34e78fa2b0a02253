import { expect, expectTypeOf, test } from 'vitest';
import * as surface from '../src/index.ts';
import {
  callable,
  type IncomingPickle,
  loads,
  loadsSync,
  type Pickle,
  Pickler,
  register,
  Unpickler,
} from '../src/index.ts';

test('the package exports this and nothing else', () => {
  expect(Object.keys(surface).sort()).toMatchInlineSnapshot(`
    [
      "ModuleNotLoadedError",
      "Pickler",
      "PicklingError",
      "Unpickler",
      "UnpicklingError",
      "callable",
      "disassemble",
      "dumps",
      "hasPrivateMembers",
      "importedExport",
      "loads",
      "loadsSync",
      "register",
      "registerAs",
      "registerFunction",
      "registerLocal",
    ]
  `);
});

test('a callable has the parameters that are not captured', () => {
  const f = (a: number, b: string, c?: boolean): string => `${a}${b}${c}`;
  expectTypeOf(callable(f)).toEqualTypeOf<(a: number, b: string, c?: boolean) => string>();
  expectTypeOf(callable(f, 1)).toEqualTypeOf<(b: string, c?: boolean) => string>();
  expectTypeOf(callable(f, 1, 'b')).toEqualTypeOf<(c?: boolean) => string>();
  // @ts-expect-error: the first parameter is a number
  callable(f, 'one');
  const rest = (a: number, ...more: string[]): number => a + more.length;
  expectTypeOf(callable(rest, 1)).parameters.toEqualTypeOf<string[]>();
  expectTypeOf(callable(async (x: number) => x, 1)).returns.toEqualTypeOf<Promise<number>>();
  expect(callable(f, 1, 'b')(true)).toBe('1btrue');
  expect(callable(rest, 1)('a', 'b')).toBe(3);
  expect(() => callable(undefined as never)).toThrow('callable(f, …captured) needs a function');
});

test('a callable passes `this` on', () => {
  function add(this: { base: number }, a: number, b: number): number {
    return this.base + a + b;
  }
  const object = { base: 100, add: callable(add as (a: number, b: number) => number, 1) };
  expect(object.add(2)).toBe(103);
});

test('reduce and rebuild agree on the data', () => {
  class Money {
    cents = 1;
  }
  const registering = (): void => {
    register(Money, { reduce: ({ cents }) => cents, rebuild: (cents) => Object.assign(new Money(), { cents }) });
    // @ts-expect-error: the data is a number
    register(Money, { reduce: ({ cents }): number => cents, rebuild: (cents: string) => new Money(Number(cents)) });
    // @ts-expect-error: rebuild makes something else
    register(Money, { reduce: ({ cents }) => cents, rebuild: () => new Date() });
  };
  expect(registering).toBeTypeOf('function');
});

test('results and messages have the types that the transport relies on', () => {
  expectTypeOf(loads<number>).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(loadsSync).returns.toBeUnknown();
  expectTypeOf<Pickle>().toMatchTypeOf<IncomingPickle>();
  expectTypeOf<Unpickler['prepare']>().returns.toEqualTypeOf<Promise<void> | undefined>();
  const pickle: Pickle = new Pickler().pickle([1], 'root');
  expect(new Unpickler().finish(pickle)).toEqual([1]);
});
