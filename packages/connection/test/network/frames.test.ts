import type { Connection } from '@mp/connection';
import { ConnectionLostError, Listener, MessageTooLongError, NetworkProtocolError } from '@mp/connection';
import { EOFError } from '@mp/errors';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { forms } from '../fixtures/forms.ts';
import { pattern } from '../fixtures/pipes.ts';
import { closedAfterTest, frameOf, type RawPeer, rawClient, testConnection, testListener } from './fixtures/network.ts';

checkLeaks();

/** A connection of ours, and whoever speaks with it byte by byte. */
async function rawPair(options = {}): Promise<[Connection, RawPeer]> {
  const listener = testListener(options);
  const [peer, connection] = await Promise.all([rawClient(listener.address), listener.accept()]);
  return [closedAfterTest(connection), peer];
}

/** A frame with its length in 64 bits. */
function longForm(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(12);
  header.writeInt32BE(-1);
  header.writeBigUInt64BE(BigInt(payload.length), 4);
  return Buffer.concat([header, payload]);
}

describe('what is sent', () => {
  test('is a length of four bytes, big-endian, and the bytes', async () => {
    const [connection, peer] = await rawPair();
    await connection.sendBytes(Buffer.from('hello'));
    await connection.sendBytes(Buffer.alloc(0));
    connection.sendBytesSync(Buffer.from('xxabxx'), { offset: 2, size: 2 });
    expect(await peer.read(4 + 5 + 4 + 4 + 2)).toEqual(Buffer.from('\0\0\0\x05hello\0\0\0\0\0\0\0\x02ab'));
  });

  test.each([16_383, 16_384, 16_385, 65_536, 300_000])('is the same with %d bytes', async (length) => {
    const [connection, peer] = await rawPair();
    const bytes = pattern(length);
    const sent = connection.sendBytes(bytes);
    const header = await peer.read(4);
    expect(header.readInt32BE()).toBe(length);
    expect((await peer.read(length)).equals(bytes)).toBe(true);
    await sent;
  });
});

describe('what is received', () => {
  test('is complete, however the bytes come', async () => {
    const [connection, peer] = await rawPair();
    const stream = Buffer.concat([frameOf('first'), frameOf(''), longForm(Buffer.from('second')), frameOf('third')]);
    const received: string[] = [];
    const all = (async () => {
      for (let i = 0; i < 4; i++) received.push((await connection.recvBytes()).toString());
    })();
    for (const byte of stream) {
      peer.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    expect(received).toEqual(['first', '', 'second', 'third']);
  });

  test('may have its length in 64 bits, also when it is short', async () => {
    const [connection, peer] = await rawPair();
    peer.write(longForm(Buffer.from('x')), longForm(Buffer.alloc(0)), longForm(pattern(200_000)));
    expect((await connection.recvBytes()).toString()).toBe('x');
    expect((await connection.recvBytes()).length).toBe(0);
    expect((await connection.recvBytes()).equals(pattern(200_000))).toBe(true);
  });

  test.each(forms)('has every length around the room for small messages, in the $name form', async (form) => {
    const [a, b] = await testConnection();
    const lengths = [4096, 8192, 65_536, 1 << 20, 2 << 20].flatMap((n) => [
      n - 13,
      n - 12,
      n - 5,
      n - 4,
      n - 3,
      n,
      n + 1,
    ]);
    for (const length of lengths) {
      const bytes = pattern(length, length);
      const sent = a.sendBytes(bytes);
      expect((await form.recvBytes(b)).equals(bytes), `${length} bytes`).toBe(true);
      await sent;
    }
  });

  test('of many small messages none is lost, doubled or cut', async () => {
    const [a, b] = await testConnection();
    const count = 20_000;
    const sent = (async () => {
      for (let i = 0; i < count; i++) await a.send([i, 'x'.repeat(i % 50)]);
    })();
    for (let i = 0; i < count; i++) expect(await b.recv()).toEqual([i, 'x'.repeat(i % 50)]);
    await sent;
  });

  test('messages that were kept stay as they are when more comes', async () => {
    const [a, b] = await testConnection();
    const kept: Buffer[] = [];
    for (let i = 0; i < 200; i++) {
      const sent = a.sendBytes(pattern(1000, i));
      kept.push(await b.recvBytes());
      await sent;
    }
    kept.forEach((bytes, i) => {
      expect(bytes.equals(pattern(1000, i))).toBe(true);
    });
  });
});

describe('a stream that is none', () => {
  test.each([-2, -3, -(2 ** 31)])('a length of %d is refused, and stays refused', async (length) => {
    const [connection, peer] = await rawPair();
    const header = Buffer.alloc(4);
    header.writeInt32BE(length);
    peer.write(frameOf('good'), header, 'whatever');
    expect((await connection.recvBytes()).toString()).toBe('good');
    await expect(connection.recvBytes()).rejects.toBeInstanceOf(NetworkProtocolError);
    expect(await connection.poll()).toBe(true);
    expect(() => connection.recvSync()).toThrow(NetworkProtocolError);
    await connection.sendBytes(Buffer.from('still'));
    expect((await peer.readFrame()).toString()).toBe('still');
  });

  test.each([
    ['in 32 bits', Buffer.from([0, 0, 0, 101])],
    ['in 64 bits', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 101])],
    ['in 64 bits, of which all are set', Buffer.alloc(12, 0xff)],
  ])('a length beyond maxFrame, %s, is refused before anything of it has come', async (_, header) => {
    const [connection, peer] = await rawPair({ maxFrame: 100 });
    peer.write(frameOf(Buffer.alloc(100)), header);
    expect((await connection.recvBytes()).length).toBe(100);
    await expect(connection.recvBytes()).rejects.toBeInstanceOf(MessageTooLongError);
    await expect(connection.recv()).rejects.toThrow(/maxFrame/);
  });

  test('memory is not made for what is only announced', async () => {
    const [connection, peer] = await rawPair({ maxFrame: 2 ** 40 });
    const before = process.memoryUsage().arrayBuffers;
    const header = Buffer.alloc(4);
    header.writeInt32BE(0x7fff_ffff);
    peer.write(header, Buffer.alloc(100_000));
    await expect(connection.recvBytes({ timeout: 100 })).rejects.toThrow(/did not come within/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  test.each([1, 3, 4, 6])('an end after %d bytes of a frame is no orderly end', async (count) => {
    const [connection, peer] = await rawPair();
    peer.write(frameOf('whole'), frameOf('cut off').subarray(0, count));
    peer.socket.end();
    expect((await connection.recvBytes()).toString()).toBe('whole');
    await expect(connection.recvBytes()).rejects.toBeInstanceOf(ConnectionLostError);
    await expect(connection.recvBytes()).rejects.toThrow(/in the middle of a message/);
  });

  test('an end between two frames is an orderly one', async () => {
    const [connection, peer] = await rawPair();
    peer.write(frameOf('whole'));
    peer.socket.end();
    expect((await connection.recvBytes()).toString()).toBe('whole');
    await expect(connection.recvBytes()).rejects.toBeInstanceOf(EOFError);
    expect(() => connection.recvBytesSync()).toThrow(EOFError);
  });
});

test('random bytes never do more than end the connection', async () => {
  const listener = testListener({ maxFrame: 10_000 });
  let state = Number(process.env.MP_FUZZ_SEED ?? Date.now() % 100_000);
  const seed = state;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const rounds = Number(process.env.MP_FUZZ_ROUNDS ?? 150);
  for (let round = 0; round < rounds; round++) {
    const [peer, connection] = await Promise.all([rawClient(listener.address), listener.accept()]);
    const garbage = Buffer.from(Array.from({ length: random(200) }, () => random(256)));
    // Otherwise nearly every length is too long.
    for (let at = 0; at < garbage.length - 4; at += 4 + random(30)) garbage.writeInt32BE(random(40) - 3, at);
    peer.write(garbage);
    peer.socket.end();
    let code = 'ERR_MP_UNPICKLING';
    while (code === 'ERR_MP_UNPICKLING') {
      code = await connection.recv({ timeout: 50_000 }).then(
        () => 'ERR_MP_UNPICKLING',
        (error) => error.code,
      );
    }
    const ends = ['ERR_MP_EOF', 'ERR_MP_CONNECTION_LOST', 'ERR_MP_MESSAGE_TOO_LONG', 'ERR_MP_NETWORK_PROTOCOL'];
    expect(ends, `seed ${seed}, round ${round}`).toContain(code);
    connection.close();
    peer.socket.destroy();
  }
  expect(listener).toBeInstanceOf(Listener);
});
