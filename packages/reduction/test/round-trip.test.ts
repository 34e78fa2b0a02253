import { describe, expect, test } from 'vitest';
import { dumps, loadsSync } from '../src/index.ts';
import { difference } from './same.ts';
import { samples } from './samples.ts';

const there = (value: unknown): unknown => loadsSync(dumps(value));

describe.each(samples)('$name', ({ make }) => {
  test('arrives alone', () => {
    const value = make();
    expect(difference(value, there(value))).toBeUndefined();
  });

  test('arrives nested', () => {
    const value = { list: [1, { deep: make() }, 'x'] };
    expect(difference(value, there(value))).toBeUndefined();
  });

  test('arrives once when it is met twice', () => {
    const one = make();
    const value = [one, { one }];
    expect(difference(value, there(value))).toBeUndefined();
  });

  test('arrives in a cycle', () => {
    const value: Record<string, unknown> = { sample: make(), map: new Map() };
    value['self'] = value;
    (value['map'] as Map<unknown, unknown>).set(value, [value, value['sample']]);
    expect(difference(value, there(value))).toBeUndefined();
  });
});

describe('what structuredClone can do', () => {
  const alike = samples.filter(({ unlikeStructuredClone }) => unlikeStructuredClone === undefined);

  test.each(alike)('$name arrives as structuredClone would deliver it', ({ make }) => {
    const value = make();
    expect(difference(structuredClone(value), there(value))).toBeUndefined();
  });
});
