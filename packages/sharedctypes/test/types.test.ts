import { describe, expect, test } from 'vitest';
import { RawArray, RawValue, struct, type TypeCode } from '../src/index.ts';

const INTEGERS = [
  ['b', -128, 127],
  ['B', 0, 255],
  ['h', -(2 ** 15), 2 ** 15 - 1],
  ['H', 0, 2 ** 16 - 1],
  ['i', -(2 ** 31), 2 ** 31 - 1],
  ['I', 0, 2 ** 32 - 1],
] as const;

const LONGS = [
  ['l', -(2n ** 63n), 2n ** 63n - 1n],
  ['L', 0n, 2n ** 64n - 1n],
  ['q', -(2n ** 63n), 2n ** 63n - 1n],
  ['Q', 0n, 2n ** 64n - 1n],
] as const;

describe('integers', () => {
  test.each(INTEGERS)('%s takes %i to %i, and nothing beyond', (type, low, high) => {
    const value = new RawValue(type);
    expect(value.value).toBe(0);
    for (const good of [low, high, 1]) {
      value.value = good;
      expect(value.value).toBe(good);
    }
    for (const bad of [low - 1, high + 1, 2 ** 53, -(2 ** 60)]) {
      expect(() => {
        value.value = bad;
      }).toThrow(RangeError);
    }
    expect(value.value).toBe(1);
    expect(() => new RawValue(type, high + 1)).toThrow(/wrap: true/);
  });

  test.each(LONGS)('%s takes %i to %i as BigInts, and numbers', (type, low, high) => {
    const value = new RawValue(type);
    expect(value.value).toBe(0n);
    for (const good of [low, high]) {
      value.value = good;
      expect(value.value).toBe(good);
    }
    value.value = 5;
    expect(value.value).toBe(5n);
    for (const bad of [low - 1n, high + 1n]) {
      expect(() => {
        value.value = bad;
      }).toThrow(RangeError);
    }
    expect(value.value).toBe(5n);
  });

  test.each([
    ['b', 200, -56],
    ['B', -1, 255],
    ['h', 40_000, -25_536],
    ['H', -1, 65_535],
    ['i', 2 ** 31, -(2 ** 31)],
    ['I', -1, 2 ** 32 - 1],
    ['i', 2 ** 40 + 7, 7],
    ['b', (2n ** 70n + 3n) as never, 3],
    ['B', -(2n ** 70n) as never, 0],
  ] as const)('%s wraps %s around to %i when asked to, as C does', (type, value, wrapped) => {
    expect(new RawValue(type, value, { wrap: true }).value).toBe(wrapped);
    expect(RawArray(type, [value], { wrap: true })[0]).toBe(wrapped);
    const assigned = new RawValue(type, 0, { wrap: true });
    assigned.value = value;
    expect(assigned.value).toBe(wrapped);
  });

  test('64-bit ones wrap, too', () => {
    expect(new RawValue('q', 2n ** 63n, { wrap: true }).value).toBe(-(2n ** 63n));
    expect(new RawValue('Q', -1, { wrap: true }).value).toBe(2n ** 64n - 1n);
  });

  test('are given as integers and as nothing else', () => {
    for (const type of 'bBhHiIlLqQ') {
      for (const bad of [1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null, true, {}, [1], undefined]) {
        const value = new RawValue(type as 'i');
        expect(() => {
          value.value = bad as number;
        }).toThrow(TypeError);
      }
    }
  });
});

describe('floats', () => {
  test('of 64 bits are kept as they are, of 32 rounded', () => {
    for (const good of [0.1, -0, 1e300, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324]) {
      expect(new RawValue('d', good).value).toBe(good);
    }
    expect(new RawValue('f', 0.1).value).toBe(Math.fround(0.1));
    expect(new RawValue('f', Number.POSITIVE_INFINITY).value).toBe(Number.POSITIVE_INFINITY);
  });

  test('of 32 bits that would become infinite are refused, unless asked for', () => {
    expect(() => new RawValue('f', 1e300)).toThrow(RangeError);
    expect(new RawValue('f', 1e300, { wrap: true }).value).toBe(Number.POSITIVE_INFINITY);
  });

  test('are given as numbers', () => {
    for (const bad of ['1', null, 1n, true]) expect(() => new RawValue('d', bad as never)).toThrow(TypeError);
  });
});

describe('characters', () => {
  test('of one byte', () => {
    const value = new RawValue('c', 'a');
    expect(value.value).toBe('a');
    value.value = new Uint8Array([0xe9]);
    expect(value.value).toBe('é');
    for (const bad of ['', 'ab', '日', 5, new Uint8Array(2), null]) {
      expect(() => {
        value.value = bad as string;
      }).toThrow(TypeError);
    }
    expect(value.value).toBe('é');
    expect(new RawValue('c').value).toBe('\0');
  });

  test('of any script', () => {
    for (const good of ['a', '日', '👍', '\0']) expect(new RawValue('u', good).value).toBe(good);
    for (const bad of ['', 'ab', 'é'.normalize('NFD'), 5])
      expect(() => new RawValue('u', bad as string)).toThrow(TypeError);
  });
});

describe('a type', () => {
  test.each(['', 'x', 'int', 'ii', 5, null, undefined, {}, []])('that is none is refused: %j', (type) => {
    expect(() => new RawValue(type as TypeCode)).toThrow(/has no size/);
    expect(() => RawArray(type as TypeCode, 3)).toThrow(TypeError);
  });
});

describe('a structure', () => {
  const Point = struct({ x: 'd', y: 'd' });

  test('is laid out as C does it', () => {
    expect([Point.size, Point.alignment]).toEqual([16, 8]);
    const Mixed = struct({ a: 'b', b: 'i', c: 'b', d: 'd', e: ['h', 3], f: 'b' });
    expect([Mixed.size, Mixed.alignment]).toEqual([32, 8]);
    expect(struct({ a: 'b', p: ['c', 5] }).size).toBe(6);
    expect(struct({ a: 'b', p: Point, z: 'b' }).size).toBe(32);
  });

  test('with the same fields is the same type', () => {
    expect(struct({ x: 'd', y: 'd' })).toBe(Point);
    expect(struct({ y: 'd', x: 'd' })).not.toBe(Point);
    expect(struct({ p: struct({ x: 'd', y: 'd' }) })).toBe(struct({ p: Point }));
  });

  test.each([
    [{}, 'at least one field'],
    [{ x: 'z' }, 'has no size'],
    [{ x: ['i', 0] }, 'at least 1'],
    [{ x: ['i', 1.5] }, 'at least 1'],
    [{ constructor: 'i' }, "'constructor'"],
    [{ ['__proto__']: 'i' }, "'__proto__'"],
    [{ 1: 'i' }, "'1'"],
    [[], 'must be an object'],
    [null, 'must be an object'],
    ['dd', 'must be an object'],
  ])('%j is refused', (fields, message) => {
    expect(() => struct(fields as never)).toThrow(message);
  });
});
