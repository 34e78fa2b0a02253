import { existsSync } from 'node:fs';
import { inspect } from 'node:util';
import { ClosedError } from '@mp/errors';
import { checkLeaks, nodeChild } from '@mp/testing';
import { pythons } from '@mp/testing/python';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ListValue, NoSharedMemoryError, ShareableList, ShareableListError, SharedMemory } from '../src/index.ts';
import { Peer, startMethods } from './fixtures/peers.ts';
import { python } from './fixtures/python.ts';

checkLeaks({ sharedMemoryNames: /^psm_/ });

const attacher = new URL('./fixtures/attacher.ts', import.meta.url);

function make(values: Iterable<ListValue>): ShareableList {
  const list = new ShareableList(values);
  onTestFinished(() => {
    list.shm.close();
    if (existsSync(`/dev/shm/${list.shm.name}`)) list.shm.unlink();
  });
  return list;
}

function attach(name: string | undefined): ShareableList {
  const list = new ShareableList(null, { name });
  onTestFinished(() => list.shm.close());
  return list;
}

const EVERYTHING: ListValue[] = [
  'howdy',
  '',
  new Uint8Array([1, 2, 3]),
  -273.154,
  100,
  null,
  true,
  false,
  42n ** 10n,
  -0,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  1e300,
  2 ** 53,
];

describe('a list', () => {
  test('has what was put in, in its own and in every other attached', () => {
    const list = make(EVERYTHING);
    expect([...list]).toEqual(EVERYTHING);
    expect([...attach(list.shm.name)]).toEqual(EVERYTHING);
    expect(list.length).toBe(EVERYTHING.length);
  });

  test('is read and written at positions from both ends', () => {
    const list = make(['a', 1, 2.5]);
    expect([list.get(0), list.get(-1), list.get(-3)]).toEqual(['a', 2.5, 'a']);
    list.set(-2, -7);
    expect(list.get(1)).toBe(-7);
  });

  test.each([3, -4, 0.5, Number.NaN, '0' as never])('has nothing at position %s', (position) => {
    const list = make(['a', 1, 2.5]);
    expect(() => list.get(position)).toThrow(/index out of range/);
    expect(() => list.set(position, 1)).toThrow(/assignment index out of range/);
    expect(() => list.get(position)).toThrow(RangeError);
  });

  test('takes another type in the room of an item, back and forth', () => {
    const list = make(['howdy, partner', 5]);
    for (const value of [1, null, 'x', 2.5, true, new Uint8Array(24), 'howdy, again'] as const) {
      if (typeof value === 'object' && value !== null) {
        expect(() => list.set(0, value)).toThrow('bytes/str item exceeds available storage');
        continue;
      }
      list.set(0, value);
      expect(list.get(0)).toBe(value);
    }
    list.set(1, '12345678');
    expect(list.get(1)).toBe('12345678');
    expect(list.get(0)).toBe('howdy, again');
  });

  test('keeps its old item when the new one does not fit or is of no type that it has', () => {
    const list = make(['1234567', 5]);
    expect(() => list.set(0, '123456789')).toThrow(RangeError);
    expect(() => list.set(1, 2n ** 63n)).toThrow(/64 bits/);
    for (const value of [undefined, {}, [], () => 1, Symbol('x'), new Date(), 'half a \ud800 pair']) {
      expect(() => list.set(0, value as never)).toThrow(TypeError);
    }
    expect([...list]).toEqual(['1234567', 5]);
  });

  test('keeps zeros at the end (CPython: gh-106939)', () => {
    const values = [new Uint8Array([1, 0, 0]), 'x\0', new Uint8Array(8), new Uint8Array(16).fill(0, 3), '\0'.repeat(7)];
    const list = make(values);
    expect([...list]).toEqual(values);
    expect([...attach(list.shm.name)]).toEqual(values);
    list.set(0, new Uint8Array(8));
    expect(list.get(0)).toEqual(new Uint8Array(8));
    list.set(0, new Uint8Array([7]));
    expect(list.get(0)).toEqual(new Uint8Array([7]));
  });

  test('says so when it cannot keep the zeros of a very long item', () => {
    expect(() => new ShareableList([new Uint8Array(100_000)])).toThrow(/ends with zeros/);
    expect([...make([new Uint8Array(99_999), new Uint8Array(200_000).fill(1)])]).toEqual([
      new Uint8Array(99_999),
      new Uint8Array(200_000).fill(1),
    ]);
  });

  test('gives text the room of its bytes, not of its characters (CPython: gh-145261)', () => {
    const values = ['é'.repeat(8), '日本語日本語日', '👍👍👍', 'x'];
    const list = make(values);
    expect([...list]).toEqual(values);
    list.set(3, '日本');
    expect(list.get(3)).toBe('日本');
  });

  test('counts and finds values, bytes by their contents', () => {
    const list = make([1, 'a', 1, new Uint8Array([1, 2]), null]);
    expect([list.count(1), list.count('b'), list.count(new Uint8Array([1, 2]))]).toEqual([2, 0, 1]);
    expect([list.index(1), list.index(new Uint8Array([1, 2])), list.index(null)]).toEqual([0, 3, 4]);
    expect(() => list.index(7)).toThrow(/not in list/);
    const numbers = make([-0, 5, Number.NaN, 2n ** 60n, 1.5, true]);
    expect([0, 5n, Number.NaN, 2 ** 60, 1.5, 1, '5'].map((value) => numbers.count(value))).toEqual([
      1, 1, 1, 1, 1, 0, 0,
    ]);
  });

  test('can be empty', () => {
    const list = make([]);
    expect([...list, ...attach(list.shm.name)]).toEqual([]);
    expect(list.shm.size).toBe(16);
  });

  test('shows what is in it', () => {
    const list = make(['a', 1]);
    expect(inspect(list)).toBe(`ShareableList([ 'a', 1 ], name='${list.shm.name}')`);
    list.shm.close();
    expect(inspect(list)).toBe(`ShareableList(closed, name='${list.shm.name}')`);
  });

  test('that is closed says so', () => {
    const list = make(['a']);
    list.shm.close();
    expect(() => list.get(0)).toThrow(ClosedError);
    expect(() => list.set(0, 'b')).toThrow(ClosedError);
    expect(() => [...list]).toThrow(ClosedError);
  });

  test('is the same list for a process that attaches by name', async () => {
    const list = make(['                      ', 1]);
    const { code, stderr } = await nodeChild(attacher, { args: ['list', list.shm.name!] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(list.get(0)).toBe('from another process');
  });

  test('is attached to by a name that exists and has a list in it, or not at all', () => {
    expect(() => new ShareableList(null, { name: 'psm_no_such' })).toThrow(NoSharedMemoryError);
    for (const fill of [0xff, 0x7f, 1]) {
      const memory = new SharedMemory({ create: true, size: 40 });
      memory.buf.fill(fill);
      expect(() => new ShareableList(null, { name: memory.name })).toThrow(ShareableListError);
      memory.close();
      memory.unlink();
    }
  });

  test('that was damaged says so, wherever that was', () => {
    const list = make(['text', 5, null, true, new Uint8Array(3)]);
    const bytes = list.shm.buf;
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const before = bytes[at]!;
        bytes[at] = value;
        try {
          const other = new ShareableList(null, { name: list.shm.name });
          try {
            expect([...other].length).toBe(other.length);
          } finally {
            other.shm.close();
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ShareableListError);
        }
        bytes[at] = before;
      }
    }
    expect([...list]).toEqual(['text', 5, null, true, new Uint8Array(3)]);
  });
});

describe.each(startMethods)('%s: in a message', (method) => {
  test('it arrives as the same list', async () => {
    const peer = new Peer(method);
    const list = make(['a', 1]);
    expect(await peer.do('setItem', list, -1, 'bc')).toEqual(['a', 'bc']);
    expect(list.get(1)).toBe('bc');
  });
});

describe.each(pythons)('$name', ({ path }) => {
  test('reads ours, and writes into it', async () => {
    const list = make(['howdy', new Uint8Array([1, 2]), -273.154, 100, null, true, 'é', 'x\0', 2n ** 62n]);
    const said = await python(
      path,
      `
l = ShareableList(name=sys.argv[1])
say([type(x).__name__ for x in l])
say([l[0], list(l[1]), l[2], l[3], l[4], l[5], l[6], l[7], l[8]])
l[0] = 'bye'; l[3] = 'text'; l[4] = 7; l[6] = 'für'; l[7] = 'abcdefg'; l[5] = 0.5
l.shm.close()`,
      list.shm.name!,
    );
    expect(said).toEqual([
      ['str', 'bytes', 'float', 'int', 'NoneType', 'bool', 'str', 'str', 'int'],
      ['howdy', [1, 2], -273.154, 100, null, true, 'é', 'x', 2 ** 62],
    ]);
    expect([...list]).toEqual(['bye', new Uint8Array([1, 2]), -273.154, 'text', 7, 0.5, 'für', 'abcdefg', 2n ** 62n]);
  });

  test('has made one, and we read it and write into it', async () => {
    const [name] = (await python(
      path,
      `l = ShareableList(['howdy', b'\\x01\\x02', -0.5, 100, None, True, '', 2**40]); say(l.shm.name); l.shm.close()`,
    )) as [string];
    const list = attach(name);
    expect([...list]).toEqual(['howdy', new Uint8Array([1, 2]), -0.5, 100, null, true, '', 2 ** 40]);
    expect(list.format).toBe('8s8sdqxxxxxx?xxxxxxxx?8sq');
    for (const [i, value] of [1, 'bytes', null, 2.5, 'x', new Uint8Array([5]), true, -3].entries()) list.set(i, value);
    const said = await python(
      path,
      'l = ShareableList(name=sys.argv[1]); say([list(x) if type(x) is bytes else x for x in l]); say(l.format); l.shm.close(); l.shm.unlink()',
      name,
    );
    expect(said[0]).toEqual([1, 'bytes', null, 2.5, 'x', [5], true, -3]);
    expect(said[1]).toBe(list.format);
  });

  test('byte for byte makes the same memory of the same list', async () => {
    const values = ['howdy', -2.5, 100, null, true, 'x'.repeat(20), -1];
    const list = make(values);
    const [bytes] = await python(
      path,
      'l = ShareableList(json.loads(sys.argv[1])); say(list(l.shm.buf)); l.shm.close(); l.shm.unlink()',
      JSON.stringify(values),
    );
    expect([...list.shm.buf]).toEqual(bytes);
  });
});
