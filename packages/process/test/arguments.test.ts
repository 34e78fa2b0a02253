import { createHash } from 'node:crypto';
import { Pipe } from '@mp/connection';
import { getContext } from '@mp/context';
import { EOFError } from '@mp/errors';
import { Process } from '@mp/process';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import {
  backAgain,
  callEach,
  digest,
  greeting,
  identities,
  inspected,
  lengthOf,
  type Named,
  Point,
  sendBack,
  sendGreeting,
  square,
  sum,
} from './fixtures/arguments.ts';
import { inChild } from './in-child.ts';
import { endWithTest, running } from './running.ts';
import { startMethods } from './start-methods.ts';

const segments = {
  leak: /\/memfd:mp-segment/,
  because: 'memory for large messages is kept for the next ones, for 10 s',
};
checkLeaks({ allow: [segments] });

describe.each(startMethods)('arguments by %s', (method) => {
  test('arrive as they are, of whatever sort', async () => {
    const cyclic: { list: unknown[] } = { list: [] };
    cyclic.list.push(cyclic, [cyclic.list]);
    const sparse = new Array(3);
    sparse[1] = 1;
    const args: unknown[] = [
      0,
      -0,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      2n ** 80n,
      '',
      'ß \u{1f600} \0',
      true,
      null,
      undefined,
      [],
      sparse,
      {},
      Object.assign(Object.create(null), { a: 1 }),
      { 'a b': { __proto__x: 1 } },
      new Map([[{ k: 1 }, new Set([1, '1'])]]),
      new Date(0),
      /a\/b/giu,
      new Uint8Array([1, 2, 3]),
      new Float64Array([0.5]),
      Buffer.from('abc'),
      new ArrayBuffer(4),
      new URL('file:///a%20b'),
      Object.assign(new RangeError('no', { cause: 7 }), { code: 'X', stack: 'at home' }),
      Symbol.for('mp'),
      Symbol.iterator,
      new Point(3, 4),
      Point,
      square,
      Math.max,
      cyclic,
    ];
    expect(await inChild(method, inspected, args)).toBe(inspected(...args));
  });

  test('come back as they went', async () => {
    const value = { a: [1, { b: new Map([[1, new Point(1, 2)]]) }], u: undefined, n: -0 };
    const back = await inChild(method, backAgain<typeof value>, [value]);
    expect(back).toStrictEqual(value);
    expect(back.a[1]).not.toBe(value.a[1]);
  });

  test('that are one object here are one object there', async () => {
    const shared = {};
    const self: { self?: unknown } = {};
    self.self = self;
    expect(await inChild(method, identities, [{ shared }, { shared }, self])).toEqual([true, false, true]);
  });

  test('may be instances of exported classes, and exported functions', async () => {
    expect(await inChild(method, lengthOf, [new Point(3, 4)])).toBe(5);
    expect(await inChild(method, callEach, [[square, Math.sqrt], 16])).toEqual([256, 4]);
  });

  test('are what they were at the start, whatever becomes of them here', async () => {
    const [ours, theirs] = Pipe();
    const list = [1];
    const child = await running(method, { target: sendBack, args: [theirs, list] });
    list.push(2);
    theirs.close();
    expect(await ours.recv()).toEqual([[1]]);
    await child.join();
    ours.close();
  });

  test('may be connections, which belong to both processes then', async () => {
    const [reader, writer] = Pipe<number, number>(false);
    const [result, theirs] = Pipe<number, never>();
    const child = await running(method, { target: sum, args: [reader, theirs as never] });
    for (let i = 1; i <= 100; i++) await writer.send(i);
    // The end of our copies is not the end of the child's.
    reader.close();
    theirs.close();
    writer.close();
    expect(await result.recv()).toBe(5050);
    await child.join();
    expect(child.exitCode).toBe(0);
    await expect(result.recv()).rejects.toBeInstanceOf(EOFError);
    result.close();
  });

  test('are followed by the named ones, as one object', async () => {
    const [ours, theirs] = Pipe();
    const kwargs: Named = { greeting: 'hello', name: 'bob' };
    expect(new Process({ target: greeting, args: [2], kwargs }).run()).toBe('hello bob, 2 times');
    const child = new Process({ target: sendGreeting, args: [theirs, 2], kwargs, context: getContext(method) });
    await child.start();
    endWithTest(child);
    theirs.close();
    expect(await ours.recv()).toBe('hello bob, 2 times');
    await child.join();
    ours.close();
  });

  test('may be of 100 MiB', async () => {
    const bytes = new Uint8Array(100 << 20);
    for (let i = 0; i < bytes.length; i += 4093) bytes[i] = i;
    const expected = createHash('sha1').update(bytes).digest('hex');
    expect(await inChild(method, digest, [bytes])).toBe(expected);
    expect(createHash('sha1').update(bytes).digest('hex')).toBe(expected);
  });

  test('may be many', async () => {
    const args = Array.from({ length: 10_000 }, (_, i) => ({ i }));
    expect((await inChild(method, backAgain<typeof args>, [args])).length).toBe(10_000);
    const [ours, theirs] = Pipe();
    const child = await running(method, {
      target: sendBack as (...args: unknown[]) => unknown,
      args: [theirs, ...args],
    });
    theirs.close();
    expect(await ours.recv()).toEqual(args);
    await child.join();
    ours.close();
  });
});
