import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { Context, getContext, StartMethodError } from '../src/index.ts';

checkLeaks();

test('asking for the start method settles the default', () => {
  const context = new Context();
  expect(context.getStartMethod({ allowNone: true })).toBeUndefined();
  expect(context.getStartMethod()).toBe('spawn');
  expect(context.getStartMethod({ allowNone: true })).toBe('spawn');
  expect(() => context.setStartMethod('spawn')).toThrow(StartMethodError);
});

test('the start method is set once, unless forced', () => {
  const context = new Context();
  context.setStartMethod('spawn');
  expect(() => context.setStartMethod('spawn')).toThrow(/settled already: spawn/);
  context.setStartMethod('spawn', { force: true });
  context.setStartMethod(undefined, { force: true });
  expect(context.getStartMethod({ allowNone: true })).toBeUndefined();
  context.setStartMethod('spawn');
});

test('an unknown start method is refused with those that exist', () => {
  const context = new Context();
  expect(() => context.setStartMethod('x' as never)).toThrow('There is no start method "x" here. There is: spawn');
  expect(() => context.setStartMethod(undefined)).toThrow(StartMethodError);
  expect(() => getContext('x' as never)).toThrow(StartMethodError);
  expect(() => new Context(Symbol('x') as never)).toThrow(StartMethodError);
  expect(context.getStartMethod({ allowNone: true })).toBeUndefined();
});

test('a concrete context has its method and no other', () => {
  const context = getContext('spawn');
  expect(context.getStartMethod()).toBe('spawn');
  expect(getContext('spawn')).toBe(context);
  expect(() => context.setStartMethod('spawn')).toThrow(/has the start method spawn and no other/);
  expect(() => context.setStartMethod('spawn', { force: true })).toThrow(StartMethodError);
});

test('the default start method comes first, and the list belongs to the caller', () => {
  const methods = new Context().getAllStartMethods();
  expect(methods[0]).toBe('spawn');
  methods.length = 0;
  expect(new Context().getAllStartMethods()).not.toHaveLength(0);
});
