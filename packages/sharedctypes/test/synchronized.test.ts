import { inspect } from 'node:util';
import { DeadlockError } from '@mp/errors';
import { Lock, RLock } from '@mp/synchronize';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  copy,
  Array as MultiprocessingArray,
  RawArray,
  RawValue,
  SharedArray,
  struct,
  synchronized,
  Value,
} from '../src/index.ts';

const Point = struct({ x: 'd', y: 'd' });

describe('a value', () => {
  test('is read and written, and zero at first', () => {
    const value = new Value('i');
    expect(value.value).toBe(0);
    value.value += 5;
    expect(value.value).toBe(5);
    expect(new Value('q', 7).value).toBe(7n);
    expect(new Value('d', 0.5).value).toBe(0.5);
    expect(new Value('c', 'x').value).toBe('x');
  });

  test('is updated in one go, or not at all', () => {
    const value = new Value('b', 100);
    expect(value.update((n) => n + 27)).toBe(127);
    expect(() => value.update((n) => n + 1)).toThrow(RangeError);
    expect(() =>
      value.update(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(value.value).toBe(127);
    expect(value.getLock()).toMatchObject({ locked: expect.any(Function) });
    expect((value.getLock() as RLock).locked()).toBe(false);
  });

  test('wraps around if asked to', () => {
    const value = new Value('B', 255, { wrap: true });
    value.value += 2;
    expect(value.value).toBe(1);
    expect(synchronized(new RawValue('b', 200, { wrap: true })).update((n) => n + 200)).toBe(-112);
  });

  test('has a lock of its own, or the one that it was given, or none', () => {
    expect(new Value('i', 0).getLock()).toBeInstanceOf(RLock);
    expect(new Value('i', 0, { lock: true }).getLock()).toBeInstanceOf(RLock);
    expect(new Value('i', 0, { lock: null }).getLock()).toBeInstanceOf(RLock);
    for (const lock of [new Lock(), new RLock()]) {
      expect(new Value('i', 0, { lock }).getLock()).toBe(lock);
      expect(new SharedArray('i', 1, { lock }).getLock()).toBe(lock);
    }
    const raw = new Value('i', 3, { lock: false });
    expect([raw.value, 'getLock' in raw, 'getObj' in raw]).toEqual([3, false, false]);
    expect(new SharedArray('i', [1], { lock: false })).toBeInstanceOf(Int32Array);
    for (const bad of ['no', 5, {}, { acquire() {} }]) {
      expect(() => new Value('i', 0, { lock: bad as never })).toThrow(/has no method 'acquire/);
    }
  });

  test('can be used while its lock is held, by whoever holds it', async () => {
    const value = new Value('i', 1);
    await value.withLock(async () => {
      value.value += 1;
      await null;
      value.value += 1;
    });
    value.withLockSync(() => {
      value.value += 1;
    });
    expect(value.acquireSync()).toBe(true);
    value.value += 1;
    value.release();
    expect(await value.acquire({ timeout: 50_000 })).toBe(true);
    value.release();
    expect(value.value).toBe(5);
    expect((value.getLock() as RLock).locked()).toBe(false);
  });

  test('says so when its lock is not recursive and held by the same thread', () => {
    const lock = new Lock();
    const value = new Value('i', 1, { lock });
    lock.acquireSync();
    expect(() => value.value).toThrow(DeadlockError);
    lock.release();
    expect(value.value).toBe(1);
  });

  test('releases its lock when an access fails', () => {
    const value = new Value('b', 1);
    expect(() => {
      value.value = 1000;
    }).toThrow(RangeError);
    expect((value.getLock() as RLock).locked()).toBe(false);
  });

  test('gives the object inside', () => {
    const value = new Value('i', 1);
    value.getObj().value = 2;
    expect(value.value).toBe(2);
    expect(inspect(value)).toBe("<synchronized wrapper for RawValue('i', 2)>");
  });
});

describe('an array', () => {
  test('is read and written at positions from both ends', () => {
    const array = new SharedArray('i', [1, 2, 3]);
    array.set(-1, 30);
    array.set(0, 10);
    expect([array.length, array.get(0), array.get(-1), array.get(-3)]).toEqual([3, 10, 30, 10]);
    expect([...array]).toEqual([10, 2, 30]);
    expect(MultiprocessingArray).toBe(SharedArray);
  });

  test.each([3, -4, 1.5, Number.NaN, '0'])('has no element at %s', (position) => {
    const array = new SharedArray('i', [1, 2, 3]);
    expect(() => array.get(position as number)).toThrow(/Invalid index/);
    expect(() => array.set(position as number, 1)).toThrow(RangeError);
  });

  test('does not keep to itself what is assigned to an index', () => {
    const array = new SharedArray('i', [1, 2]) as unknown as number[];
    expect(() => {
      array[0] = 5;
    }).toThrow(TypeError);
  });

  test('checks what is written', () => {
    const array = new SharedArray('b', [1, 2]);
    expect(() => array.set(0, 128)).toThrow(RangeError);
    expect(() => array.set(0, 0.5)).toThrow(TypeError);
    expect(array.slice()).toEqual([1, 2]);
    const wrapping = new SharedArray('b', [200], { wrap: true });
    wrapping.set(0, wrapping.get(0) - 100);
    expect(wrapping.get(0)).toBe(100);
  });

  test.each([
    [[], [0, 1, 2, 3, 4]],
    [
      [1, 3],
      [1, 2],
    ],
    [[-2], [3, 4]],
    [
      [undefined, -2],
      [0, 1, 2],
    ],
    [
      [undefined, undefined, 2],
      [0, 2, 4],
    ],
    [
      [undefined, undefined, -1],
      [4, 3, 2, 1, 0],
    ],
    [
      [undefined, undefined, -2],
      [4, 2, 0],
    ],
    [
      [3, 0, -1],
      [3, 2, 1],
    ],
    [
      [-1, -4, -1],
      [4, 3, 2],
    ],
    [
      [10, -10, -3],
      [4, 1],
    ],
    [
      [-100, 100],
      [0, 1, 2, 3, 4],
    ],
    [[3, 1], []],
    [[1, 3, -1], []],
    [[100], []],
  ])('has the slice %j as Python has it', (bounds, expected) => {
    const array = new SharedArray('i', [0, 1, 2, 3, 4]);
    expect(array.slice(...(bounds as number[]))).toEqual(expected);
    array.setSlice(
      expected.map((n) => n + 10),
      ...(bounds as number[]),
    );
    expect(array.slice().filter((n) => n >= 10).length).toBe(expected.length);
  });

  test('takes a slice of the same size only, and steps that are some', () => {
    const array = new SharedArray('i', 4);
    expect(() => array.setSlice([1, 2], 0, 3)).toThrow('Can only assign a sequence of the same size');
    for (const step of [0, 0.5]) expect(() => array.slice(0, 2, step)).toThrow(RangeError);
    array.setSlice([1, 2], 1, 3);
    expect(array.slice()).toEqual([0, 1, 2, 0]);
    expect(() => array.setSlice([7, 8, 9, 2 ** 31])).toThrow(RangeError);
    expect(array.slice()).toEqual([0, 1, 2, 0]);
    array.setSlice(array, undefined, undefined, -1);
    expect(array.slice()).toEqual([0, 2, 1, 0]);
  });

  test('of text has value and raw', () => {
    const text = new SharedArray('c', 'hello');
    text.value = text.value.toUpperCase();
    expect([text.value, text.get(0), text.slice(1, 3)]).toEqual(['HELLO', 'H', ['E', 'L']]);
    text.value = 'hi';
    expect([...text.raw]).toEqual([104, 105, 0, 76, 79]);
    text.raw = new Uint8Array([1]);
    expect(text.raw[0]).toBe(1);
    expect(() => (text.value = 'too long')).toThrow(RangeError);
    const wide = new SharedArray('u', '日本');
    expect(wide.value).toBe('日本');
    expect(() => wide.raw).toThrow(TypeError);
    expect(() => new SharedArray('i', 1).value).toThrow(TypeError);
    expect(() => new SharedArray('i', 1).raw).toThrow(TypeError);
  });

  test('of structures has their fields', () => {
    const points = new SharedArray(Point, [[1, 2], { x: 3, y: 4 }]);
    points.set(0, { y: 9 });
    points.get(-1).x = 7;
    expect([...points].map(({ x, y }) => [x, y])).toEqual([
      [1, 9],
      [7, 4],
    ]);
  });

  test('of 64-bit integers has BigInts', () => {
    const array = new SharedArray('q', [1, 2n ** 62n]);
    array.set(0, 5);
    expect(array.slice()).toEqual([5n, 2n ** 62n]);
    expect(() => array.set(0, 2n ** 63n)).toThrow(RangeError);
  });
});

describe('a structure', () => {
  test('has its fields, each under the lock', () => {
    const point = new Value(Point, { x: 1 });
    point.y = point.x + 1;
    expect({ ...point }).toMatchObject({ x: 1, y: 2 });
    expect([point.getObj().y, point.getLock()]).toEqual([2, expect.any(RLock)]);
    expect(() => {
      point.x = 'a' as never;
    }).toThrow(TypeError);
    expect((point.getLock() as RLock).locked()).toBe(false);
    expect({ ...new Value(Point, [5, 6], { lock: false }) }).toEqual({ x: 5, y: 6 });
  });

  test('refuses to be given a field that it has not', () => {
    for (const point of [new Value(Point), new RawValue(Point)]) {
      expect(() => Object.assign(point, { z: 1 })).toThrow(TypeError);
    }
  });

  test('cannot have a lock when a field would hide a method', () => {
    for (const name of ['release', 'getLock', 'acquire']) {
      expect(() => new Value(struct({ [name]: 'i' }))).toThrow(`'${name}'`);
    }
  });
});

describe('synchronized', () => {
  test('puts a lock around what RawValue and RawArray make', () => {
    const raw = RawArray('d', 3);
    const guarded = synchronized(raw);
    guarded.set(-1, 0.5);
    expect(raw[2]).toBe(0.5);
    expect(guarded.getObj()).toBe(raw);
    expect(synchronized(new RawValue('i', 4)).value).toBe(4);
    expect(synchronized(RawArray('c', 'abc')).value).toBe('abc');
    expect(synchronized(new RawValue(Point, [1, 2])).y).toBe(2);
    expect(synchronized(RawArray(Point, 2)).get(1).x).toBe(0);
    const lock = new Lock();
    expect(synchronized(raw, lock).getLock()).toBe(lock);
  });

  test('refuses what has a lock, and what is no shared object', () => {
    expect(() => synchronized(new Value('i') as never)).toThrow('already synchronized');
    for (const bad of [{}, [], new Int32Array(1)]) expect(() => synchronized(bad)).toThrow(TypeError);
  });

  test('objects are copied without their lock', () => {
    const value = new Value('i', 5);
    const copied = copy(value);
    value.value = 6;
    expect(copied.value).toBe(5);
    expect('getLock' in copied).toBe(false);
    expect([...copy(new SharedArray('i', [1, 2]))]).toEqual([1, 2]);
  });
});

test('types follow from the typecode', () => {
  expectTypeOf(new Value('i').value).toEqualTypeOf<number>();
  expectTypeOf(new Value('q').value).toEqualTypeOf<bigint>();
  expectTypeOf(new RawValue('c').value).toEqualTypeOf<string>();
  expectTypeOf(RawArray('d', 1)).toEqualTypeOf<Float64Array<ArrayBuffer>>();
  expectTypeOf(new SharedArray('h', 1).slice()).toEqualTypeOf<number[]>();
  expectTypeOf(new SharedArray('i', [1], { lock: false })).toEqualTypeOf<Int32Array<ArrayBuffer>>();
  expectTypeOf(new Value(Point).x).toEqualTypeOf<number>();
  expectTypeOf(new SharedArray(Point, 1).get(0).y).toEqualTypeOf<number>();
  // @ts-expect-error no such typecode
  expect(() => new Value('z')).toThrow();
  // @ts-expect-error a string is no number
  expect(() => new Value('i', 'x')).toThrow();
});
