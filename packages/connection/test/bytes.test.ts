import { BufferTooShortError, MessageTooLongError } from '@mp/connection';
import { UnpicklingError } from '@mp/reduction';
import { describe, expect, test } from 'vitest';
import { forms } from './fixtures/forms.ts';
import { checkConnectionLeaks, outcome, pattern, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

const text = Buffer.from('0123456789');

describe.each(forms)('in the $name form', ({ send, recv, sendBytes, recvBytes, recvBytesInto, poll }) => {
  describe('sendBytes', () => {
    test.each([
      [{}, '0123456789'],
      [undefined, '0123456789'],
      [{ offset: undefined, size: undefined }, '0123456789'],
      [{ offset: 0, size: 10 }, '0123456789'],
      [{ offset: 3 }, '3456789'],
      [{ offset: 3, size: 4 }, '3456'],
      [{ offset: 10 }, ''],
      [{ offset: 10, size: 0 }, ''],
      [{ size: 0 }, ''],
      [{ size: 1 }, '0'],
    ])('sends the part that is meant by %o', async (range, expected) => {
      const [a, b] = testPipe();
      await sendBytes(a, text, range);
      expect(String(await recvBytes(b))).toBe(expected);
    });

    test.each([
      { offset: -1 },
      { offset: 11 },
      { offset: 1.5 },
      { offset: Number.NaN },
      { offset: Number.POSITIVE_INFINITY },
      { offset: null as never },
      { offset: '1' as never },
      { size: -1 },
      { size: 11 },
      { size: 0.5 },
      { size: Number.NaN },
      { offset: 5, size: 6 },
      { offset: 10, size: 1 },
      { offset: -1, size: 1 },
    ])('refuses %o, and sends nothing', async (range) => {
      const [a, b] = testPipe();
      await expect(sendBytes(a, text, range)).rejects.toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
      expect(await poll(b)).toBe(false);
    });

    test('sends every kind of buffer, and of a view only what it shows', async () => {
      const [a, b] = testPipe();
      const memory = Uint8Array.from({ length: 16 }, (_, i) => i).buffer;
      const shared = new SharedArrayBuffer(4);
      new Uint8Array(shared).set([9, 8, 7, 6]);
      const sent: [ArrayBuffer | ArrayBufferView, number[]][] = [
        [new Uint8Array(memory, 3, 2), [3, 4]],
        [Buffer.from(memory, 5, 1), [5]],
        [new DataView(memory, 1, 3), [1, 2, 3]],
        [new Uint16Array(memory, 2, 2), [2, 3, 4, 5]],
        [new Float64Array(memory, 8, 1), [8, 9, 10, 11, 12, 13, 14, 15]],
        [new BigInt64Array(memory, 0, 1), [0, 1, 2, 3, 4, 5, 6, 7]],
        [new Uint8ClampedArray(memory, 15), [15]],
        [memory.slice(0, 2), [0, 1]],
        [shared as unknown as ArrayBuffer, [9, 8, 7, 6]],
        [new Uint8Array(shared, 1, 2), [8, 7]],
        [new ArrayBuffer(2, { maxByteLength: 8 }), [0, 0]],
      ];
      for (const [data, expected] of sent) {
        await sendBytes(a, data);
        expect([...(await recvBytes(b))]).toEqual(expected);
      }
    });

    test.each([['text'], [undefined], [null], [12], [[1, 2]], [{ length: 3 }], [new Map()], [() => {}]])(
      'refuses %s, which is no buffer',
      async (data) => {
        const [a, b] = testPipe();
        await expect(sendBytes(a, data as never)).rejects.toMatchObject({
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_TYPE',
        });
        expect(await poll(b)).toBe(false);
      },
    );

    test('refuses memory that was given away', async () => {
      const [a, b] = testPipe();
      const memory = new ArrayBuffer(8);
      structuredClone(memory, { transfer: [memory] });
      await expect(sendBytes(a, memory)).rejects.toThrow(TypeError);
      expect(await poll(b)).toBe(false);
    });
  });

  describe('recvBytes', () => {
    test('returns bytes that are nobody else’s', async () => {
      const [a, b] = testPipe();
      await sendBytes(a, text);
      await sendBytes(a, text);
      const first = await recvBytes(b);
      const second = await recvBytes(b);
      first.fill(0);
      expect(String(second)).toBe(String(text));
      expect(Buffer.isBuffer(first)).toBe(true);
    });

    test.each([text.length, text.length + 1, 1e9, Number.POSITIVE_INFINITY])(
      'accepts a message that is not longer than maxLength %d',
      async (maxLength) => {
        const [a, b] = testPipe();
        await sendBytes(a, text);
        expect(await recvBytes(b, { maxLength })).toEqual(text);
      },
    );

    test.each([-1, Number.NaN, '5' as never, null as never, Number.NEGATIVE_INFINITY])(
      'refuses %s as maxLength, and takes nothing',
      async (maxLength) => {
        const [a, b] = testPipe();
        await sendBytes(a, text);
        await expect(recvBytes(b, { maxLength })).rejects.toMatchObject({
          name: 'RangeError',
          code: 'ERR_OUT_OF_RANGE',
        });
        expect(await recvBytes(b)).toEqual(text);
      },
    );

    test.each([0, 9, 300_000 - 1])(
      'ends a two-way connection’s receiving when a message is longer than maxLength %d, and not its sending',
      async (maxLength) => {
        const [a, b] = testPipe();
        await sendBytes(a, maxLength > 100 ? pattern(300_000) : text);
        await sendBytes(a, Buffer.from('next'));
        const error = await outcome(recvBytes(b, { maxLength }));
        expect(error).toBeInstanceOf(MessageTooLongError);
        expect(error).toMatchObject({ code: 'ERR_MP_MESSAGE_TOO_LONG' });
        expect({ readable: b.readable, writable: b.writable, closed: b.closed }).toEqual({
          readable: false,
          writable: true,
          closed: false,
        });
        for (const again of [recv(b), recvBytes(b), poll(b)]) {
          expect(await outcome(again as Promise<unknown>)).toMatchObject({ code: 'ERR_MP_DIRECTION' });
        }
        await send(b, 'still sending');
        expect(await recv(a)).toBe('still sending');
      },
    );

    test('closes a one-way connection when a message is longer than maxLength', async () => {
      const [reader, writer] = testPipe(false);
      await sendBytes(writer, text);
      const error = await outcome(recvBytes(reader, { maxLength: 9 }));
      expect(error).toBeInstanceOf(MessageTooLongError);
      expect(reader.closed).toBe(true);
      expect(await outcome(recvBytes(reader))).toMatchObject({ code: 'ERR_MP_CLOSED' });
      await expect(sendBytes(writer, text)).rejects.toMatchObject({ code: 'EPIPE' });
    });

    test('shows the pickle of an object, and recv takes bytes that are one', async () => {
      const [a, b] = testPipe();
      await send(a, { x: 1 });
      const pickle = await recvBytes(b);
      await sendBytes(a, pickle);
      expect(await recv(b)).toEqual({ x: 1 });
    });

    test('refuses an object with buffers of its own, or with descriptors, and skips it', async () => {
      const [a, b] = testPipe();
      const [c] = testPipe();
      await send(a, { big: new Uint8Array(300_000) });
      await send(a, c);
      await send(a, { c, big: new Uint8Array(300_000) });
      await sendBytes(a, text);
      for (let i = 0; i < 3; i++) expect(await outcome(recvBytes(b))).toBeInstanceOf(UnpicklingError);
      expect(await recvBytes(b)).toEqual(text);
    });
  });

  describe('recvBytesInto', () => {
    test('puts the message into memory that is there, and says how long it was', async () => {
      const [a, b] = testPipe();
      const target = Buffer.alloc(12, '-');
      await sendBytes(a, text);
      expect(await recvBytesInto(b, target)).toBe(10);
      expect(String(target)).toBe('0123456789--');
    });

    test.each([
      [{ offset: 2 }, '--0123456789'],
      [{ offset: 0 }, '0123456789--'],
    ])('puts it where %o says', async (options, expected) => {
      const [a, b] = testPipe();
      const target = Buffer.alloc(12, '-');
      await sendBytes(a, text);
      await recvBytesInto(b, target, options);
      expect(String(target)).toBe(expected);
    });

    test('fills every kind of memory, and of a view only what it shows', async () => {
      const [a, b] = testPipe();
      const memory = new ArrayBuffer(32);
      const targets = [
        memory,
        new Uint8Array(memory),
        new Uint8Array(memory, 8, 16),
        new DataView(memory, 8, 16),
        new Float64Array(memory, 8, 2),
      ];
      for (const target of targets) {
        new Uint8Array(memory).fill(0xff);
        await sendBytes(a, text);
        expect(await recvBytesInto(b, target)).toBe(10);
        const begin = ArrayBuffer.isView(target) ? target.byteOffset : 0;
        expect(String(Buffer.from(memory, begin, 10))).toBe(String(text));
        const rest = [...new Uint8Array(memory)].filter((_, i) => i < begin || i >= begin + 10);
        expect(new Set(rest)).toEqual(new Set([0xff]));
      }
    });

    test('takes a large message', async () => {
      const [a, b] = testPipe();
      const target = Buffer.alloc(400_000);
      await sendBytes(a, pattern(300_000));
      expect(await recvBytesInto(b, target, { offset: 5 })).toBe(300_000);
      expect(target.subarray(5, 300_005).equals(pattern(300_000))).toBe(true);
    });

    test.each([{ offset: -1 }, { offset: 13 }, { offset: 0.5 }, { offset: Number.NaN }])(
      'refuses %o, and takes nothing',
      async (options) => {
        const [a, b] = testPipe();
        await sendBytes(a, text);
        await expect(recvBytesInto(b, Buffer.alloc(12), options)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
        expect(await recvBytes(b)).toEqual(text);
      },
    );

    test('refuses what is no memory, and takes nothing', async () => {
      const [a, b] = testPipe();
      await sendBytes(a, text);
      await expect(recvBytesInto(b, 'text' as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
      expect(await recvBytes(b)).toEqual(text);
    });

    test.each([
      [10, Buffer.alloc(9), undefined],
      [10, Buffer.alloc(12), { offset: 3 }],
      [1, Buffer.alloc(5), { offset: 5 }],
      [300_000, Buffer.alloc(299_999), undefined],
    ])('gives a message of %d bytes that does not fit in the error, and takes it', async (length, target, options) => {
      const [a, b] = testPipe();
      await sendBytes(a, pattern(length));
      await sendBytes(a, Buffer.from('next'));
      const error = (await outcome(recvBytesInto(b, target, options))) as BufferTooShortError;
      expect(error).toBeInstanceOf(BufferTooShortError);
      expect(error).toMatchObject({ code: 'ERR_MP_BUFFER_TOO_SHORT', name: 'BufferTooShortError' });
      expect(Buffer.isBuffer(error.bytes) && error.bytes.equals(pattern(length))).toBe(true);
      expect(target.every((byte) => byte === 0)).toBe(true);
      expect(String(await recvBytes(b))).toBe('next');
    });
  });
});

test('nothing is received after a message that was too long, by those who wait already either', async () => {
  const [a, b] = testPipe();
  const first = outcome(b.recvBytes({ maxLength: 3 }));
  const second = outcome(b.recvBytes());
  const third = outcome(b.recv());
  const polled = outcome(b.poll({ timeout: 60_000 }));
  for (const message of ['too long', 'x', 'y']) a.sendBytesSync(Buffer.from(message));
  expect(await first).toBeInstanceOf(MessageTooLongError);
  expect(await second).toMatchObject({ code: 'ERR_MP_DIRECTION' });
  expect(await third).toMatchObject({ code: 'ERR_MP_DIRECTION' });
  expect(await polled).toMatchObject({ code: 'ERR_MP_DIRECTION' });
});

test('those who wait on a one-way connection that is closed by a message that was too long are told that nothing comes', async () => {
  const [reader, writer] = testPipe(false);
  const first = outcome(reader.recvBytes({ maxLength: 3 }));
  const second = outcome(reader.recvBytes());
  writer.sendBytesSync(Buffer.from('too long'));
  expect(await first).toBeInstanceOf(MessageTooLongError);
  expect(await second).toMatchObject({ code: 'ERR_MP_DIRECTION' });
  expect(reader.closed).toBe(true);
});
