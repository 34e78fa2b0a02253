// @module-tag every-node
import { types } from 'node:util';
import { runInNewContext } from 'node:vm';
import { BrokenPipeError, ProcessError, TimeoutError } from '@mp/errors';
import { expect, test } from 'vitest';
import { dumps, loadsSync, PicklingError } from '../src/index.ts';
import { constructions, ShapeError } from './fixtures/shapes.ts';
import { inAnotherProcess } from './other-process.ts';
import { refusalOf } from './refusals.ts';

const there = <T>(value: T): T => loadsSync(dumps(value)) as T;

test('an error keeps its class, message, fields and the stack of the sender, and no constructor runs', () => {
  const error = new ShapeError('E_ROUND');
  const before = constructions();
  const arrived = there(error);
  expect(constructions()).toBe(before);
  expect(arrived).toBeInstanceOf(ShapeError);
  expect(arrived).toBeInstanceOf(TypeError);
  expect(types.isNativeError(arrived)).toBe(true);
  expect(arrived.describe()).toBe('ShapeError/E_ROUND');
  expect(arrived.stack).toBe(error.stack);
  expect(Object.keys(arrived)).toEqual(['code']);
});

test('an error arrives in another process with the stack of this one', async () => {
  const error = new ShapeError('E_FAR');
  const look = '[arrived.describe(), arrived.stack, arrived instanceof TypeError, arrived.constructor.name]';
  expect(await inAnotherProcess(error, look)).toEqual(['ShapeError/E_FAR', error.stack, true, 'ShapeError']);
});

test('an error of a class that is not exported becomes the nearest built-in error, with its name', () => {
  class HiddenError extends RangeError {
    override name = 'HiddenError';
    limit = 7;
  }
  class Nameless extends HiddenError {}
  Object.defineProperty(Nameless.prototype, 'name', { value: 'Nameless' });
  const arrived = there(new HiddenError('too far'));
  expect(Object.getPrototypeOf(arrived)).toBe(RangeError.prototype);
  expect(arrived).toMatchObject({ name: 'HiddenError', message: 'too far', limit: 7 });
  expect(String(arrived)).toBe('HiddenError: too far');

  class Inherited extends Error {}
  Object.defineProperty(Inherited.prototype, 'name', { value: 'InheritedError' });
  const other = there(new Inherited('x'));
  expect(other.name).toBe('InheritedError');
  expect(Object.keys(other)).toEqual([]);
});

test('an error with private members becomes the nearest built-in error', () => {
  class SecretError extends Error {
    #code = 1;
    get code(): number {
      return this.#code;
    }
  }
  expect(Object.getPrototypeOf(there(new SecretError('s')))).toBe(Error.prototype);
});

test('what cannot travel in an error is replaced by words, and takes nothing else with it', () => {
  const shared = { ok: true };
  const error = Object.assign(new Error('failed'), {
    before: shared,
    callback: () => 1,
    request: { shared, headers: new Map([['a', { deep: Promise.resolve() }]]), descriptor: Symbol('unique') },
    after: shared,
    again: [1],
    [Symbol('mine')]: 2,
  });
  const [arrived, again] = there([error, error.again]) as unknown as [Record<string, unknown>, unknown];
  expect(arrived['callback']).toMatch(
    /^\[not picklable: `value\[0\]\.callback` cannot be pickled: it is the function `callback`/,
  );
  expect(arrived['request']).toMatch(
    /^\[not picklable: `value\[0\]\.request\.headers\.get\("a"\)\.deep` .* is a Promise/,
  );
  expect(arrived['before']).toEqual({ ok: true });
  expect(arrived['after']).toBe(arrived['before']);
  expect(arrived['again']).toBe(again);
  expect(arrived['[Symbol(mine)]']).toBe(2);
});

test('an error whose fields throw when they are read still arrives', () => {
  const error = Object.defineProperty(new Error('m'), 'lazy', {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
  Object.defineProperty(error, 'message', {
    get: () => {
      throw new Error('no message');
    },
  });
  const arrived = there(error) as Error & { lazy: string };
  expect(arrived.lazy).toMatch(/\[not picklable: .*reading it threw Error: no/);
  expect(arrived.message).toMatch(/\[not picklable: .*no message/);
});

test('causes arrive however deep they are, and may contain each other', () => {
  let error = new Error('0');
  for (let i = 1; i < 3000; i++) error = new Error(String(i), { cause: error });
  let arrived: unknown = there(error);
  for (let i = 2999; i >= 0; i--) {
    expect((arrived as Error).message).toBe(String(i));
    arrived = (arrived as Error).cause;
  }
  expect(arrived).toBeUndefined();
});

test('hidden properties stay hidden', () => {
  const arrived = there(new AggregateError([new Error('1')], 'several', { cause: 'c' }));
  expect(Object.keys(arrived)).toEqual([]);
  expect(arrived.errors[0]).toBeInstanceOf(Error);
  expect(arrived.cause).toBe('c');
  expect('cause' in there(new Error('without'))).toBe(false);
  expect(Object.hasOwn(there(new Error(undefined)), 'message')).toBe(false);
});

test('errors of our own packages arrive as what they are', () => {
  const arrived = there([new TimeoutError('late', { timeout: 5 }), new BrokenPipeError('gone', { cause: 1 })] as const);
  expect(arrived[0]).toBeInstanceOf(TimeoutError);
  expect(arrived[0]).toMatchObject({ timeout: 5, code: 'ERR_MP_TIMEOUT', name: 'TimeoutError' });
  expect(arrived[1]).toBeInstanceOf(ProcessError);
  expect(arrived[1].cause).toBe(1);
  const refusal = there(refusalOf({ a: [() => 1] }));
  expect(refusal).toBeInstanceOf(PicklingError);
  expect(refusal).toMatchObject({ path: 'value.a[0]', valueType: 'function', code: 'ERR_MP_PICKLING' });
});

test('an error of another realm becomes one of this realm', () => {
  const arrived = there(runInNewContext('Object.assign(new SyntaxError("far"), { code: 1 })')) as SyntaxError;
  expect(Object.getPrototypeOf(arrived)).toBe(SyntaxError.prototype);
  expect(arrived).toMatchObject({ message: 'far', code: 1 });
});

test('an error of a module of Node keeps its class and fields', () => {
  const make = (): unknown => {
    try {
      return process.getBuiltinModule('node:fs').readFileSync('/nowhere/at/all');
    } catch (error) {
      return error;
    }
  };
  const error = make() as NodeJS.ErrnoException;
  const arrived = there(error);
  expect(arrived).toMatchObject({ code: 'ENOENT', syscall: 'open', path: '/nowhere/at/all', errno: error.errno });
  const { AssertionError } = process.getBuiltinModule('node:assert');
  const assertion = there(new AssertionError({ actual: 1, expected: { a: 2 }, operator: 'strictEqual' }));
  expect(assertion).toBeInstanceOf(AssertionError);
  expect(assertion.expected).toEqual({ a: 2 });
});

test('what only inherits from Error arrives as a real error', () => {
  const arrived = there(Object.assign(Object.create(TypeError.prototype) as TypeError, { message: 'made by hand' }));
  expect(arrived).toBeInstanceOf(TypeError);
  expect(arrived.message).toBe('made by hand');
});
