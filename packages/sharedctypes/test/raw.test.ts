import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { copy, RawArray, RawValue, SharedArray, struct } from '../src/index.ts';

const Point = struct({ x: 'd', y: 'd' });
const Path = struct({
  name: ['c', 8],
  length: 'i',
  points: [Point, 3],
  origin: Point,
  weights: ['h', 3],
  title: ['u', 4],
});

describe('an array of numbers', () => {
  test.each([
    ['b', Int8Array],
    ['B', Uint8Array],
    ['h', Int16Array],
    ['H', Uint16Array],
    ['i', Int32Array],
    ['I', Uint32Array],
    ['l', BigInt64Array],
    ['L', BigUint64Array],
    ['q', BigInt64Array],
    ['Q', BigUint64Array],
    ['f', Float32Array],
    ['d', Float64Array],
  ] as const)('of type %s is a true typed array', (type, Class) => {
    const array = RawArray(type, 3);
    expect(array).toBeInstanceOf(Class);
    expect(ArrayBuffer.isView(array)).toBe(true);
    expect([array.length, Number(array[0]), array.byteLength]).toEqual([3, 0, 3 * Class.BYTES_PER_ELEMENT]);
    const filled = RawArray(type, [1, 2, 3]);
    expect(Array.from(filled as Iterable<number | bigint>, Number)).toEqual([1, 2, 3]);
  });

  test('is made of anything with a length', () => {
    expect([...RawArray('i', new Uint8Array([1, 2]))]).toEqual([1, 2]);
    expect([...RawArray('i', RawArray('i', [3]))]).toEqual([3]);
    expect([...RawArray('i', [])]).toEqual([]);
    expect([...RawArray('q', [1, 2n])]).toEqual([1n, 2n]);
    expect([...new RawArray('i', [1])]).toEqual([1]);
  });

  test('is refused for lengths that are none, generators, and numbers that do not fit', () => {
    for (const bad of [-1, 1.5, Number.NaN]) expect(() => RawArray('i', bad)).toThrow(RangeError);
    function* generator(): Generator<number> {
      yield 1;
    }
    for (const bad of [generator(), new Set([1]), null, undefined, {}, true]) {
      expect(() => RawArray('i', bad as never)).toThrow(TypeError);
    }
    expect(() => RawArray('b', [1, 200])).toThrow(RangeError);
    expect(() => RawArray('i', [1, 'x' as never])).toThrow(TypeError);
    expect(() => RawArray('i', 'ab' as never)).toThrow(TypeError);
  });

  test('is refused when the machine can never have so much memory', () => {
    const most = expect.stringMatching(/^Shared memory: \d+ bytes are more than the \d+ of memory and swap/);
    const refused = expect.objectContaining({ name: 'RangeError', code: 'ENOMEM', message: most });
    expect(() => new SharedArray('i', 2 ** 40)).toThrow(refused);
    expect(() => RawArray('c', 2 ** 50)).toThrow(refused);
    expect(() => RawArray(Point, 2 ** 52)).toThrow(refused);
    // What may be had is given without being touched.
    expect(RawArray('d', 2 ** 26).length).toBe(2 ** 26);
  });

  test('gives subarrays of the same memory, and ordinary copies', () => {
    const array = RawArray('i', [1, 2, 3, 4]);
    const part = array.subarray(1, 3);
    part[0] = 20;
    expect(array[1]).toBe(20);
    expect(part.constructor).toBe(array.constructor);
    for (const ordinary of [array.slice(), array.map((x) => x), array.filter(() => true)]) {
      expect(ordinary.constructor).toBe(Int32Array);
      ordinary[0] = 99;
    }
    expect(array[0]).toBe(1);
  });
});

describe('an array of characters', () => {
  test('has text up to the first zero, and raw bytes', () => {
    const array = RawArray('c', 'hello');
    expect([array.value, array.length, array.get(-1)]).toEqual(['hello', 5, 'o']);
    array.value = 'hi';
    expect([array.value, [...array.raw]]).toEqual(['hi', [104, 105, 0, 108, 111]]);
    array.raw = new Uint8Array([72]);
    expect(array.value).toBe('Hi');
    array.set(2, '!');
    expect(array.value).toBe('Hi!lo');
    expect([...array]).toEqual(['H', 'i', '!', 'l', 'o']);
  });

  test('is made of a length, a string, bytes, or characters', () => {
    expect(RawArray('c', 3).value).toBe('');
    expect(RawArray('c', new Uint8Array([65, 0, 66])).raw).toEqual(new Uint8Array([65, 0, 66]));
    expect(RawArray('c', ['a', 'b']).value).toBe('ab');
    expect(RawArray('c', '').length).toBe(0);
  });

  test('refuses what is too long or no byte, and is unchanged then', () => {
    const array = RawArray('c', 'abc');
    const attempts: [() => void, ErrorConstructor | RangeErrorConstructor][] = [
      [() => (array.value = 'abcd'), RangeError],
      [() => (array.raw = 'abcd'), RangeError],
      [() => (array.value = '日本'), TypeError],
      [() => (array.value = 5 as never), TypeError],
      [() => array.set(3, 'x'), RangeError],
      [() => array.set(0, 'xy'), TypeError],
      [() => array.get(-4), RangeError],
    ];
    for (const [attempt, Class] of attempts) expect(attempt).toThrow(Class);
    expect(array.value).toBe('abc');
  });

  test('of type u has text of any script', () => {
    const array = RawArray('u', 'a日👍');
    expect([array.length, array.value, array.get(2)]).toEqual([3, 'a日👍', '👍']);
    array.value = 'é';
    expect([array.value, array.get(2)]).toEqual(['é', '👍']);
    expect(() => (array.value = 'abcd')).toThrow(RangeError);
    expect(RawArray('u', 2).value).toBe('');
    expect(inspect(array)).toBe("WideCharArray('é', length=3)");
  });
});

describe('a structure', () => {
  test('has its fields as properties, those that are not given are zero', () => {
    const point = new RawValue(Point, { x: 1.5 });
    expect({ ...point }).toEqual({ x: 1.5, y: 0 });
    point.y = 2;
    expect(JSON.stringify(point)).toBe('{"x":1.5,"y":2}');
    expect({ ...new RawValue(Point, [3, 4]) }).toEqual({ x: 3, y: 4 });
    expect({ ...new RawValue(Point, [3]) }).toEqual({ x: 3, y: 0 });
  });

  test('has structures and arrays in it, which are views of its memory', () => {
    const path = new RawValue(Path, {
      name: 'home',
      length: 2,
      points: [{ x: 1, y: 2 }, [3, 4]],
      origin: { y: -1 },
      weights: [1, 2, 3],
      title: '日本',
    });
    expect([path.name.value, path.length, path.title.value, [...path.weights]]).toEqual(['home', 2, '日本', [1, 2, 3]]);
    expect([...path.points].map((point) => ({ ...point }))).toEqual([
      { x: 1, y: 2 },
      { x: 3, y: 4 },
      { x: 0, y: 0 },
    ]);
    path.points.get(-1).x = 9;
    path.origin.x = 8;
    path.weights[0] = 7;
    path.name.value = 'away';
    expect([path.points.get(2).x, path.origin.x, path.weights[0], path.name.value]).toEqual([9, 8, 7, 'away']);
    expect(path.origin.y).toBe(-1);
  });

  test('takes whole fields', () => {
    const path = new RawValue(Path);
    path.origin = { x: 5, y: 6 };
    path.weights = RawArray('h', [4, 5, 6]);
    path.points = [{ x: 1, y: 1 }] as never;
    expect([{ ...path.origin }, [...path.weights], path.points.get(0).y]).toEqual([{ x: 5, y: 6 }, [4, 5, 6], 1]);
  });

  test('is refused with fields that it has not, too many of them, or values that do not fit', () => {
    for (const bad of [{ z: 1 }, [1, 2, 3], 5, 'x', null, { x: 'a' }]) {
      expect(() => new RawValue(Point, bad as never)).toThrow(TypeError);
    }
    expect(() => new RawValue(Path, { weights: [1, 2, 3, 4] })).toThrow(RangeError);
    expect(() => new RawValue(Path, { name: 'much too long' })).toThrow(RangeError);
    expect(() => new RawValue(Path, { weights: [2 ** 15] })).toThrow(RangeError);
    expect(new RawValue(Path, { weights: [2 ** 15] }, { wrap: true }).weights[0]).toBe(-(2 ** 15));
  });

  test('can be one of many', () => {
    const points = RawArray(Point, [[1, 2], { x: 3 }]);
    expect([points.length, points.get(1).x, points.get(-2).y]).toEqual([2, 3, 2]);
    points.set(1, { y: 9 });
    expect({ ...points.get(1) }).toEqual({ x: 3, y: 9 });
    expect(() => points.get(2)).toThrow(RangeError);
    expect(RawArray(Point, 2).get(1).x).toBe(0);
    expect(inspect(points)).toBe('StructArray(2) [ { x: 1, y: 2 }, { x: 3, y: 9 } ]');
  });
});

describe('a copy', () => {
  test('has the same contents and memory of its own', () => {
    const value = new RawValue('i', 5);
    const array = RawArray('d', [1, 2]);
    const text = RawArray('c', 'abc');
    const wide = RawArray('u', '日本');
    const path = new RawValue(Path, { name: 'home', weights: [1, 2, 3] });
    const points = RawArray(Point, [[1, 2]]);
    const copies = [copy(value), copy(array), copy(text), copy(wide), copy(path), copy(points)] as const;
    value.value = 6;
    array[0] = 9;
    text.value = 'x';
    wide.value = 'y';
    path.weights[0] = 9;
    points.get(0).x = 9;
    expect(copies[0].value).toBe(5);
    expect([...copies[1]]).toEqual([1, 2]);
    expect([copies[2].value, copies[3].value]).toEqual(['abc', '日本']);
    expect([copies[4].name.value, [...copies[4].weights], copies[5].get(0).x]).toEqual(['home', [1, 2, 3], 1]);
  });

  test('can be made of a part, and of nothing else', () => {
    const path = new RawValue(Path, { origin: [1, 2], weights: [1, 2, 3], name: 'ab' });
    const origin = copy(path.origin);
    const weights = copy(path.weights.subarray(1));
    path.origin.x = 7;
    path.weights[1] = 7;
    expect([origin.x, [...weights], copy(path.name).value]).toEqual([1, [2, 3], 'ab']);
    for (const bad of [{}, [], new Int32Array(1), 5, null]) expect(() => copy(bad as never)).toThrow(TypeError);
  });
});
