import type { Connection } from '@mp/connection';
import { EOFError } from '@mp/errors';
import { describe, expect, onTestFinished, test } from 'vitest';
import { forms } from './fixtures/forms.ts';
import { startPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, fill, outcome, SMALL, testPipe } from './fixtures/pipes.ts';

// Connections sent through connections.
checkConnectionLeaks();

const closed = (connection: Connection): Connection => {
  onTestFinished(() => connection.close());
  return connection;
};

describe.each(forms)('in the $name form', ({ send, recv }) => {
  test('a connection arrives as one, with what waits in it', async () => {
    const [a, b] = testPipe();
    const [c, d] = testPipe();
    await send(d, 'unread');
    await send(a, { here: c });
    c.close();
    const { here } = (await recv(b)) as { here: Connection };
    closed(here);
    expect(await recv(here)).toBe('unread');
    await send(here, 'an answer');
    expect(await recv(d)).toBe('an answer');
    here.close();
    expect(await outcome(recv(d))).toBeInstanceOf(EOFError);
  });

  test('directions are kept', async () => {
    const [a, b] = testPipe();
    const [reader, writer] = testPipe(false);
    await send(a, [reader, writer]);
    const [r, w] = (await recv(b)) as [Connection, Connection];
    expect([closed(r).readable, r.writable, closed(w).readable, w.writable]).toEqual([true, false, false, true]);
    await send(w, 1);
    expect(await recv(reader)).toBe(1);
  });

  test('an end may travel through its own pipe, either way', async () => {
    const [a, b] = testPipe();
    await send(a, b);
    await send(a, a);
    const b2 = closed((await recv(b)) as Connection);
    const a2 = closed((await recv(b2)) as Connection);
    await send(a2, 'round');
    expect(await recv(b)).toBe('round');
  });

  test('an end that nobody takes out of its message is closed with it', async () => {
    const [a, b] = testPipe();
    const [c, d] = testPipe();
    await send(a, c);
    c.close();
    expect(d.pollSync()).toBe(false);
    a.close();
    b.close();
    // Only the kernel knows of this end: the message was never read.
    expect(await outcome(recv(d))).toBeInstanceOf(EOFError);
  });

  test('63 connections fit in one message, 64 do not, and then nothing is sent', async () => {
    const [a, b] = testPipe();
    const pipes = Array.from({ length: 64 }, () => testPipe({ capacity: SMALL }));
    const ends = pipes.map(([end]) => end);
    await send(a, ends.slice(1));
    const arrived = (await recv(b)) as Connection[];
    for (const [i, connection] of arrived.entries()) {
      closed(connection).sendSync(i);
      expect(pipes[i + 1]![1].recvSync()).toBe(i);
    }
    const error = await outcome(send(a, ends));
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toContain('256 descriptors');
    expect(b.pollSync()).toBe(false);
    await send(a, 'good');
    expect(await recv(b)).toBe('good');
  });

  test('a connection and a large buffer in one message', async () => {
    const [a, b] = testPipe();
    const [c, d] = testPipe();
    await send(a, { c, big: new Uint8Array(300_000).fill(7) });
    const message = (await recv(b)) as { c: Connection; big: Uint8Array };
    await send(closed(message.c), 'beside it');
    expect(await recv(d)).toBe('beside it');
    expect(message.big[299_999]).toBe(7);
  });

  test('a closed connection cannot travel', async () => {
    const [a, b] = testPipe();
    const [c] = testPipe();
    c.close();
    expect((await outcome(send(a, [c]))) as Error).toMatchObject({ name: 'PicklingError' });
    expect(b.pollSync()).toBe(false);
  });
});

test('a connection that waits for room in a message is held until then', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  const [c, d] = testPipe();
  const filled = fill(a);
  const sent = a.send(c);
  c.close();
  for (let i = 0; i < filled; i++) b.recvBytesSync();
  const received = closed((await b.recv()) as Connection);
  await sent;
  received.sendSync('still there');
  expect(d.recvSync()).toBe('still there');
});

test('recvBytes does not take a message with a connection for bytes, and closes it', async () => {
  const [a, b] = testPipe();
  const [c, d] = testPipe();
  a.sendSync(c);
  c.close();
  expect(() => b.recvBytesSync()).toThrow('It is skipped');
  expect(await outcome(d.recv())).toBeInstanceOf(EOFError);
});

test('more messages with connections than the socket holds wait for room', async () => {
  const [a, b] = testPipe();
  const [c] = testPipe();
  const sent = Array.from({ length: 400 }, () => a.send(c));
  for (let i = 0; i < 400; i++) ((await b.recv()) as Connection).close();
  await Promise.all(sent);
  expect(b.pollSync()).toBe(false);
});

test('a connection goes through a process to a third one, and works on', async () => {
  const [first, theirs] = testPipe();
  const [toEnd, end] = testPipe();
  startPeer('handOn', [theirs, toEnd]);
  startPeer('greet', [end]);
  for (const connection of [theirs, toEnd, end]) connection.close();
  const [ours, travelling] = testPipe();
  await first.send(travelling);
  travelling.close();
  expect(await ours.recv()).toBe('from the middle');
  expect(await ours.recv()).toBe('from the end');
  first.close();
  expect(await outcome(ours.recv())).toBeInstanceOf(EOFError);
});
