import { pickleCodec } from '@mp/connection';
import { PicklingError, UnpicklingError } from '@mp/reduction';
import { describe, expect, test } from 'vitest';

const codec = pickleCodec();
const dump = (value: unknown, with_ = codec): Uint8Array => {
  const { bytes, start, end } = with_.pickle(value);
  return bytes.slice(start, end);
};
const load = (bytes: Uint8Array, with_ = codec): unknown =>
  with_.unpickler.finish({ bytes, start: 0, end: bytes.length });
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('what is written is read again', () => {
  const edges = [0, 1, 7, 8, 15, 16, 31, 32, 47, 48, 52, 53, 54, 62, 63, 64, 127, 128, 1000, 2040, 2047].flatMap(
    (bits) => [-1n, 0n, 1n].flatMap((by) => [2n ** BigInt(bits) + by, -(2n ** BigInt(bits)) + by]),
  );
  test('integers of any size, and they are numbers only where those are exact', () => {
    for (const value of edges) {
      const expected = Number.isSafeInteger(Number(value)) ? Number(value) : value;
      expect(load(dump(value)), String(value)).toBe(expected);
    }
  });

  test.each([
    0.1,
    -0,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    2 ** 53,
    -(2 ** 60),
    1e21,
  ])('the number %d', (value) => {
    expect(load(dump(value))).toBe(value);
  });

  test.each([
    '',
    'a',
    'ä'.repeat(127),
    'ä'.repeat(128),
    '\u{1f600}',
    '\ud800',
    'x\udc00y',
    '\udc00\ud800',
    '\ud83d',
    '\0',
    'x'.repeat(70_000),
  ])('the text %j', (value) => {
    expect(load(dump(value))).toBe(value);
  });

  test('containers, nested, and of more than a thousand items', () => {
    const long = Array.from({ length: 2500 }, (_, i) => i);
    const value = [long, new Map(long.map((i) => [i, `${i}`])), new Set(long), [[[]]], Object.freeze(long.slice())];
    expect(load(dump(value))).toEqual(value);
  });

  test('what is frozen is frozen again, and what is not is not', () => {
    const value = load(dump([Object.freeze([1]), [1], Object.freeze(new Set([1])), new Set([1])])) as object[];
    expect(value.map((each) => Object.isFrozen(each))).toEqual([true, false, true, false]);
  });

  test('one object in two places, and in itself', () => {
    const shared = { a: 1 };
    const loop: unknown[] = [shared, shared, Uint8Array.of(1)];
    loop.push(loop, loop[2], Object.freeze([loop]));
    const again = load(dump(loop)) as unknown[];
    expect(again[0]).toBe(again[1]);
    expect(again[2]).toBe(again[4]);
    expect(again[3]).toBe(again);
    expect((again[5] as unknown[])[0]).toBe(again);
  });

  test('more objects than fit short numbers', () => {
    const objects = Array.from({ length: 300 }, (_, i) => [i]);
    const again = load(dump([objects, objects.toReversed()])) as [unknown[], unknown[]];
    again[0].forEach((each, i) => {
      expect(again[1][299 - i]).toBe(each);
    });
  });
});

describe('what has no counterpart in Python is refused, and said where', () => {
  class Point {
    x = 1;
  }
  const holes = [1, 2, 3];
  delete holes[1];
  const detached = new ArrayBuffer(8);
  const viewOfDetached = new Uint8Array(detached);
  structuredClone(detached, { transfer: [detached] });
  const deep: unknown[] = [];
  for (let i = 0, inner = deep; i < 2000; i++) {
    const next: unknown[] = [];
    inner.push(next);
    inner = next;
  }
  test.each<[string, unknown, string]>([
    ['a function', { f: [() => 1] }, 'value.f[0]'],
    ['a symbol', new Map([['k', Symbol('x')]]), 'value.k'],
    ['an instance', [new Point()], 'value[0]'],
    ['a date', { when: new Date() }, 'value.when'],
    ['numbers in a typed array', [new Float64Array(1)], 'value[0]'],
    ['an error', new Error('x'), 'value'],
    ['a key that is a symbol', { [Symbol('x')]: 1 }, 'value'],
    ['a hole', { holes }, 'value.holes'],
    ['a promise', [Promise.resolve()], 'value[0]'],
    ['a class derived from Map', [new (class Registry extends Map {})()], 'value[0]'],
    ['a class derived from Array', [new (class Row extends Array {})()], 'value[0]'],
    ['an array with a field', [Object.assign([1], { name: 'x' })], 'value[0]'],
    ['memory that was transferred', [detached], 'value[0]'],
    ['a view of such memory', [viewOfDetached], 'value[0]'],
  ])('%s', (_, value, path) => {
    expect(() => dump(value)).toThrow(PicklingError);
    expect(() => dump(value)).toThrow(expect.objectContaining({ path }));
    expect(load(dump('the next'))).toBe('the next');
  });

  test('and what a getter throws is what it throws; what it pickles meanwhile does no harm', () => {
    const failing = {
      get x() {
        throw new RangeError('mine');
      },
    };
    expect(() => dump(failing)).toThrow(RangeError);
    const nested = {
      get x() {
        return dump([1, 2, 3]).length;
      },
      y: 'after',
    };
    expect(load(dump(nested))).toEqual(
      new Map<string, unknown>(Object.entries({ x: dump([1, 2, 3]).length, y: 'after' })),
    );
  });

  test('what is nested too deep', () => {
    expect(() => dump(deep)).toThrow(/nested deeper than 400 levels/);
  });
});

describe('what is refused when it comes', () => {
  test.each<[string, Uint8Array]>([
    ['nothing', ascii('')],
    ['text', ascii('hello')],
    ['protocol 0', ascii('I1\n.')],
    ['protocol 1', ascii('K\x01.')],
    ['protocol 6', ascii('\x80\x06N.')],
    ['no end', ascii('\x80\x04N')],
    ['an end with nothing', ascii('\x80\x04.')],
    ['two values', ascii('\x80\x04NN.')],
    ['bytes behind the end', ascii('\x80\x04N.N')],
    ['a text that is cut off', ascii('\x80\x04\x8c\x05ab.')],
    ['a text that is not UTF-8', ascii('\x80\x04\x8c\x01\xff.')],
    ['a text of 2⁶³ bytes', ascii('\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fx.')],
    ['an integer of a negative length', ascii('\x80\x04\x8b\xff\xff\xff\xff.')],
    ['an append to a tuple', ascii('\x80\x04)K\x01a.')],
    ['an append to nothing', ascii('\x80\x04K\x01a.')],
    ['items of no dict', ascii('\x80\x04]NNs.')],
    ['an odd number of items', ascii('\x80\x04}(Nu.')],
    ['items of a frozenset', ascii('\x80\x04(\x91(K\x01\x90.')],
    ['a memory of nothing', ascii('\x80\x04h\x05.')],
    ['an end without a mark', ascii('\x80\x04t.')],
    ['a mark that stays open', ascii('\x80\x04(N.')],
    ['a call of a number', ascii('\x80\x04K\x01)R.')],
    ['a call without a tuple', ascii('\x80\x04c__builtin__\nset\n]R.')],
    ['a state of a list', ascii('\x80\x04]}b.')],
    ['a persistent id', ascii('\x80\x04Px\n.')],
    ['an extension', ascii('\x80\x04\x82\x01.')],
    ['a buffer from outside', ascii('\x80\x05\x97.')],
    ['a class as a value', ascii('\x80\x04c__builtin__\nset\n.')],
    ['a class inside of a list', ascii('\x80\x04]c__builtin__\nset\na.')],
    ['a class that was remembered', ascii('\x80\x04]c__builtin__\nset\nq\x000h\x00a.')],
    ['a function', ascii('\x80\x04cos\nsystem\n.')],
    ['a call of a function', ascii('\x80\x04cos\nsystem\n\x8c\x02ls\x85R.')],
    ['a function by texts', ascii('\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02ls\x85R.')],
    ['a function out of Object.prototype', ascii('\x80\x04c__proto__\nconstructor\n)R.')],
    ['bytes by an encoding that is none', ascii('\x80\x02c_codecs\nencode\nX\x01\0\0\0aX\x04\0\0\0utf8\x86R.')],
    ['a set of a text', ascii('\x80\x02c__builtin__\nset\nX\x01\0\0\0a\x85R.')],
  ])('%s', (_, bytes) => {
    expect(() => load(bytes)).toThrow(UnpicklingError);
    expect(load(dump('the next'))).toBe('the next');
  });

  test('random changes of a pickle never throw anything else', () => {
    const good = dump([
      1,
      'text',
      new Map([['a', [1n << 70n, 0.5]]]),
      new Set(['x']),
      Object.freeze([1, 2]),
      Buffer.from('b'),
    ]);
    const rounds = Number(process.env.MP_FUZZ_ROUNDS ?? 20_000);
    for (let round = 0; round < rounds; round++) {
      const bytes = good.slice();
      for (let i = 0; i <= round % 4; i++) bytes[Math.floor(Math.random() * bytes.length)] = Math.random() * 256;
      try {
        load(bytes);
      } catch (error) {
        if (!(error instanceof UnpicklingError)) throw new Error(Buffer.from(bytes).toString('hex'), { cause: error });
      }
    }
    expect(rounds).toBeGreaterThan(0);
  });
});

describe('what the owner allows', () => {
  class KeyError extends Error {}
  interface Token {
    args: readonly unknown[];
    state?: unknown;
  }
  const open = pickleCodec({
    types: {
      'builtins.KeyError': { make: ([key]) => new KeyError(String(key)) },
      'managers.Token': {
        make: (args): Token => ({ args }),
        build: (token, state) => {
          (token as Token).state = state;
        },
      },
    },
    reduce: (value) =>
      value instanceof KeyError
        ? { module: 'builtins', name: 'KeyError', args: [value.message], state: new Map() }
        : undefined,
  });

  test('comes as what its owner makes of it', () => {
    const value = load(ascii('\x80\x04\x8c\x08builtins\x8c\x08KeyError\x93\x8c\x01k\x85R.'), open);
    expect(value).toBeInstanceOf(KeyError);
    expect((value as Error).message).toBe('k');
    expect(load(ascii('\x80\x04cmanagers\nToken\n)\x81N}\x8c\x01aK\x01s\x86b.'), open)).toEqual({
      args: [],
      state: [null, new Map([['a', 1]])],
    });
  });

  test('goes as what its owner makes of it', () => {
    expect(Buffer.from(dump([new KeyError('k')], open)).toString('latin1')).toContain(
      '\x8c\x08builtins\x8c\x08KeyError\x93',
    );
    expect(() => dump([new Date()], open)).toThrow(PicklingError);
  });

  test('is nothing else', () => {
    expect(() => load(ascii('\x80\x04cbuiltins\nValueError\n)R.'), open)).toThrow(/builtins\.ValueError/);
    expect(() => load(ascii('\x80\x04cbuiltins\nKeyError\n)R}b.'), open)).toThrow(/builtins\.KeyError/);
  });
});
