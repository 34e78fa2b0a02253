import { inspect } from 'node:util';
import { Context, getContext } from '@mp/context';
import { Process, ProcessStateError, SpawnProcess } from '@mp/process';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { noop } from './fixtures/noop.ts';

checkLeaks();

describe('what cannot be a process is refused when it is made', () => {
  test.each([
    ['a target that is no function', { target: 'noop' }, /target must be a function, not 'noop'/],
    ['a target that is null', { target: null }, /target must be a function, not null/],
    ['arguments that are a number', { target: noop, args: 7 }, /args must be an array of arguments, not 7/],
    ['arguments that are a string', { target: noop, args: 'ab' }, /args must be an array of arguments, not 'ab'/],
    ['arguments that are null', { target: noop, args: null }, /args must be an array of arguments, not null/],
    ['arguments that are a plain object', { target: noop, args: { 0: 1 } }, /args must be an array of arguments/],
    ['named arguments that are no object', { target: noop, kwargs: 'x' }, /kwargs must be an object, not 'x'/],
    ['named arguments that are null', { target: noop, kwargs: null }, /kwargs must be an object, not null/],
    ['options that are null', null, /options must be an object, not null/],
    ['options that are a function', noop, /options must be an object, not \[Function: noop\]/],
    ['a context that is none', { context: {} }, /context must be what getContext\('spawn'\) returns, not \{\}/],
    ['the name of a start method as a context', { context: 'spawn' }, /context must be .*, not 'spawn'/],
    ['a name that is a number', { name: 7 }, /name must be a string, not 7/],
    ['a name that is an object', { name: {} }, /name must be a string, not \{\}/],
  ])('%s', (_, options, message) => {
    expect(() => new Process(options as never)).toThrow(message);
    expect(() => new Process(options as never)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});

test('a process needs no options at all', () => {
  const child = new Process();
  expect(child).toMatchObject({ daemon: false, exitCode: null, startMethod: 'spawn' });
  expect(child.pid).toBeUndefined();
  expect(child.error).toBeUndefined();
  expect(child.isAlive()).toBe(false);
});

test('arguments may be any iterable, and are taken when the process is made', () => {
  const seen: unknown[][] = [];
  const args = new Set([1, 2]);
  const child = new Process({ target: (...all: number[]) => void seen.push(all), args: args as never });
  args.add(3);
  child.run();
  expect(seen).toEqual([[1, 2]]);
});

test('named arguments are copied: they belong to one process alone', () => {
  const seen: unknown[] = [];
  const kwargs = { a: 1 };
  const child = new Process({ target: (named: { a: number }) => void seen.push(named), kwargs });
  kwargs.a = 2;
  child.run();
  expect(seen).toEqual([{ a: 1 }]);
});

test('run, when it is called here, runs here, as often as it is called, and returns what the target returns', () => {
  const child = new Process({ target: (a: number, b: number) => a + b, args: [1, 2] });
  expect([child.run(), child.run()]).toEqual([3, 3]);
  expect(child.pid).toBeUndefined();
  expect(new Process().run()).toBeUndefined();
});

test('the name can be changed at any time, to a string and to nothing else', () => {
  const child = new Process({ name: 'first' });
  child.name = 'second';
  expect(child.name).toBe('second');
  expect(() => {
    child.name = undefined as never;
  }).toThrow('name must be a string');
  expect(child.name).toBe('second');
});

test('daemon can be changed before the start', () => {
  const child = new Process({ daemon: true });
  expect(child.daemon).toBe(true);
  child.daemon = false;
  expect(child.daemon).toBe(false);
});

describe('what needs a running process is refused before the start, by its name', () => {
  const child = new Process({ name: 'Bob' });
  test.each([
    ['terminate', () => child.terminate()],
    ['kill', () => child.kill()],
    ['interrupt', () => child.interrupt()],
    ['sentinel', () => child.sentinel],
    ['joinSync', () => child.joinSync()],
    ['join', () => child.join()],
    ['join', () => child.join({ timeout: 0 })],
  ])('%s', async (name, act) => {
    const attempt = async (): Promise<unknown> => act();
    await expect(attempt()).rejects.toThrow(`${name}: Bob was not started yet`);
    await expect(attempt()).rejects.toBeInstanceOf(ProcessStateError);
  });
});

test('the context decides on the start method, and a class of its own does so too', () => {
  expect(new Process({ context: getContext('spawn') }).startMethod).toBe('spawn');
  expect(new Process({ context: new Context() }).startMethod).toBe('spawn');
  const child = new SpawnProcess({ target: noop });
  expect(child).toBeInstanceOf(Process);
  expect(child.startMethod).toBe('spawn');
});

test('a process shows itself with its name, its parent and its state', () => {
  const child = new Process({ name: 'Bob', daemon: true });
  expect(inspect(child)).toBe(`<Process name='Bob' parent=${process.pid} initial daemon>`);
  child.close();
  expect(`${child}`).toBe(`<Process name='Bob' parent=${process.pid} closed daemon>`);
});
