import { describe, expect, test } from 'vitest';
import { callable, dumps, loads, loadsSync, register, Unpickler, UnpicklingError } from '../src/index.ts';
import { Money, Unnamed } from './fixtures/registering.ts';
import { Point, Registry, ShapeError } from './fixtures/shapes.ts';
import { difference } from './same.ts';
import { samples } from './samples.ts';
import { maths } from './untyped-fixtures.ts';

const untrusted = { trusted: false };

class Private {
  value = 1;
}
register(Private, {
  name: 'test/Private',
  reduce: ({ value }) => value,
  rebuild: (value) => Object.assign(new Private(), { value }),
});

describe('from a sender that is not trusted', () => {
  test('plain data, built-in types and errors arrive', () => {
    for (const { name, make } of samples) {
      if (name.includes('registered symbol') || name.includes('symbol keys') || name === 'a boxed symbol') continue;
      const value = [make()];
      expect(difference(value, loadsSync(dumps(value), untrusted)), name).toBeUndefined();
    }
  });

  test('classes arrive that are registered for strangers', () => {
    expect((loadsSync(dumps([new Money(3)]), untrusted) as [Money])[0].cents).toBe(3);
  });

  test.each<[string, unknown, RegExp]>([
    ['a function', maths.double, /which an untrusted sender may not name/],
    ['a built-in function', parseInt, /which an untrusted sender may not name/],
    ['a built-in namespace', Math, /which an untrusted sender may not name/],
    ['a class', Point, /which an untrusted sender may not name/],
    ['a registered class as a value', Money, /may not name classes/],
    ['an instance', new Point(1, 2), /which an untrusted sender may not name/],
    ['a derived Map', new Registry(), /which an untrusted sender may not name/],
    ['a callable', callable(maths.scale, 2), /which an untrusted sender may not name/],
    [
      'an instance of a class that is registered for friends only',
      new Private(),
      /which an untrusted sender may not name/,
    ],
    [
      'an instance of a class that is registered by its export',
      new Unnamed(),
      /which an untrusted sender may not name/,
    ],
    ['a registered symbol', Symbol.for('x'), /registered symbols are not accepted/],
    ['a reservation of much memory', new ArrayBuffer(1, { maxByteLength: 2 ** 31 }), /asks for too much memory/],
  ])('%s is refused', async (_, value, message) => {
    const bytes = dumps([value]);
    expect(() => loadsSync(bytes, untrusted)).toThrow(UnpicklingError);
    expect(() => loadsSync(bytes, untrusted)).toThrow(message);
    await expect(loads(bytes, untrusted)).rejects.toThrow(message);
  });

  test('an error of a class of its own arrives as the nearest built-in error with its name', () => {
    const arrived = loadsSync(dumps(new ShapeError('E_FAR')), untrusted) as ShapeError;
    expect(Object.getPrototypeOf(arrived)).toBe(TypeError.prototype);
    expect(arrived).toMatchObject({ name: 'ShapeError', message: 'no shape: E_FAR', code: 'E_FAR' });
  });

  test('no module is ever imported', async () => {
    const bytes = dumps(maths.double);
    const patched = Buffer.from(Buffer.from(bytes).toString('latin1').replace('maths.mjs', 'never.mjs'), 'latin1');
    const unpickler = new Unpickler(untrusted);
    const incoming = { bytes: patched, start: 0, end: patched.length };
    expect(unpickler.prepare(incoming)).toBeUndefined();
    expect(() => unpickler.finish(incoming)).toThrow('which an untrusted sender may not name');
  });

  test('messages nested deeper than allowed are refused before they are decoded', () => {
    const bytes = Uint8Array.from([0x50, ...new Array<number>(2000).fill(0x91), 0xc0]);
    expect(() => loadsSync(bytes, untrusted)).toThrow(/more than 1000 levels/);
    expect(() => loadsSync(bytes, { trusted: true, maxDepth: 10 })).toThrow(/more than 10 levels/);
    expect(loadsSync(bytes)).toBeInstanceOf(Array);
  });

  test.each<[string, number[]]>([
    ['extension types of msgpackr', [0x50, 0xd4, 0x73, 0x00, 0x90]],
    ['record definitions', [0x50, 0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01]],
    ['keys that are no text', [0x50, 0x81, 0x01, 0x02]],
    ['the token that does not exist', [0x50, 0x91, 0xc1]],
    ['bytes behind the value', [0x50, 0x01, 0x02]],
    ['a length beyond the end', [0x50, 0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a text beyond the end', [0x50, 0xdb, 0x7f, 0xff, 0xff, 0xff, 0x61]],
    ['nothing at all', [0x50]],
  ])('%s are refused', (_, bytes) => {
    expect(() => loadsSync(Uint8Array.from(bytes), untrusted)).toThrow(UnpicklingError);
  });

  test('keys that would change a prototype are only keys', () => {
    const text = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}') as object;
    const arrived = loadsSync(dumps(text), untrusted) as object;
    expect(Reflect.ownKeys(arrived)).toEqual(['__proto__', 'constructor']);
    const raw = Buffer.concat([
      Buffer.from([0x50, 0x81, 0xa9]),
      Buffer.from('__proto__'),
      Buffer.from([0x81, 0xa1, 0x61, 0x01]),
    ]);
    const plain = loadsSync(raw, untrusted) as object;
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
    expect('a' in plain).toBe(false);
    expect('polluted' in {}).toBe(false);
  });
});
