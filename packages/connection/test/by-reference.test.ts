import { Pickler, PicklingError, UnpicklingError } from '@mp/reduction';
import { describe, expect, test } from 'vitest';
import { BYTES, PICKLE } from '../src/ring/layout.ts';
import { forms } from './fixtures/forms.ts';
import { endOf, pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, outcome, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

// In one file, and in this order: a module is loaded once.
test('a message that waits for its module goes with its connection', async () => {
  const { ours } = pipeToPeer('sendByReference');
  expect((ours.recvSync({ timeout: 50_000 }) as (n: number) => number)(4)).toBe(8);
  await ours.recv();
  expect(() => ours.recvSync({ timeout: 50_000 })).toThrow(expect.objectContaining({ name: 'ModuleNotLoadedError' }));
  ours.close();
  expect(() => ours.recvSync()).toThrow('closed');
});

test('functions and instances of modules that are not loaded: the receiver loads them, or says that it cannot', async () => {
  const { ours } = pipeToPeer('sendByReference');
  const double = (await ours.recv()) as (n: number) => number;
  expect(double(21)).toBe(42);
  const shape = ours.recvSync({ timeout: 50_000 }) as { sides: number; corners: number };
  expect(shape.corners).toBe(3);
  // A module with top-level await cannot be loaded while the thread is blocked.
  const refused = { code: 'ERR_MP_MODULE_NOT_LOADED' };
  expect(() => ours.recvSync({ timeout: 50_000 })).toThrow(expect.objectContaining(refused));
  expect(ours.pollSync()).toBe(true);
  expect(() => ours.recvSync({ timeout: 50_000 })).toThrow(expect.objectContaining(refused));
  const { triple } = (await ours.recv()) as { triple: (n: number) => number };
  expect(triple(14)).toBe(42);
  expect(ours.recvSync({ timeout: 50_000 })).toBe('the next one');
});

describe.each(forms)('in the $name form', ({ send, recv }) => {
  test.each([
    ['a closure', { callback: () => 1 }],
    ['a promise', [Promise.resolve(1)]],
    ['a symbol of one’s own', { deep: [{ er: Symbol('mine') }] }],
    [
      'what throws while it is read',
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new PicklingError('no', { path: '', valueType: 'number' });
        },
      }),
    ],
  ])('%s cannot travel: nothing is sent, and the connection is unharmed', async (_, value) => {
    const [a, b] = testPipe();
    expect(await outcome(send(a, value))).toBeInstanceOf(PicklingError);
    expect(b.pollSync()).toBe(false);
    await send(a, 'good');
    expect(await recv(b)).toBe('good');
  });

  test('a message that cannot be decoded is skipped, and the next one arrives', async () => {
    const [a, b] = testPipe();
    const pickle = new Pickler().pickle({ a: 'message', of: [1, 2, 3] });
    const { start, end } = pickle;
    const bytes = Buffer.from(pickle.bytes);
    for (const cut of [0, 1, 2, 5, end - start - 1]) {
      const damaged = { bytes, start, end: start + cut, buffers: [], descriptors: [] };
      expect(endOf(a).send(PICKLE, damaged)).toBe(true);
      await send(a, cut);
      expect(await outcome(recv(b))).toBeInstanceOf(UnpicklingError);
      expect(await recv(b)).toBe(cut);
    }
  });

  test('random bytes are an error, and nothing else', async () => {
    const [a, b] = testPipe();
    for (let i = 0; i < 300; i++) {
      const bytes = crypto.getRandomValues(new Uint8Array(i));
      endOf(a).send(i % 2 === 0 ? PICKLE : BYTES, { bytes, start: 0, end: i, buffers: [], descriptors: [] });
      const value = await outcome(recv(b));
      // One in many is a good pickle.
      if (value instanceof Error) expect(value).toBeInstanceOf(UnpicklingError);
    }
    await send(a, 'good');
    expect(await recv(b)).toBe('good');
  });
});
