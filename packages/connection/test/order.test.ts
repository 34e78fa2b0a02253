import { describe, expect, test } from 'vitest';
import { forms } from './fixtures/forms.ts';
import { pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, pattern, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

describe.each(forms)('in the $name form', ({ name, send, recv, sendBytes, recvBytes, poll }) => {
  test('messages of one process arrive whole and in order', async () => {
    const [a, b] = testPipe();
    const sizes = [0, 1, 2, 3, 4, 7, 8, 9, 63, 64, 65, 127, 128, 129, 1000, 5, 30_000];
    for (const size of sizes) await sendBytes(a, pattern(size, size));
    for (const size of sizes) expect(await recvBytes(b)).toEqual(pattern(size, size));
    expect(await poll(b)).toBe(false);
  });

  test('objects, bytes and large messages keep the order in which they were sent', async () => {
    const [a, b] = testPipe();
    await send(a, 'first');
    await sendBytes(a, pattern(300_000));
    await send(a, { big: new Uint8Array(200_000).fill(1) });
    await sendBytes(a, Buffer.from('fourth'));
    await send(a, new Map([['fifth', 5]]));
    expect(await recv(b)).toBe('first');
    expect((await recvBytes(b)).equals(pattern(300_000))).toBe(true);
    expect(await recv(b)).toEqual({ big: new Uint8Array(200_000).fill(1) });
    expect(String(await recvBytes(b))).toBe('fourth');
    expect(await recv(b)).toEqual(new Map([['fifth', 5]]));
  });

  test('10,000 messages of another process arrive whole and in order', async () => {
    const { ours } = pipeToPeer('sendNumbered', [10_000, name], { capacity: 1 << 16 });
    for (let n = 0; n < 10_000; n++) {
      const message = (await recv(ours)) as { n: number; body: string };
      if (message.n !== n || message.body.length !== n % 300) throw new Error(`${n}: ${JSON.stringify(message)}`);
    }
    await expect(recv(ours)).rejects.toThrow('Everything was received');
  });

  test('what is sent is what the object was at the time of the call', async () => {
    const [a, b] = testPipe({ capacity: 4096 });
    const object = { state: 'before', big: new Uint8Array(200_000).fill(1), small: new Uint8Array(8).fill(1) };
    const bytes = Buffer.from('before');
    await send(a, object);
    await sendBytes(a, bytes);
    object.state = 'after';
    object.big.fill(2);
    object.small.fill(2);
    bytes.write('after!');
    expect(await recv(b)).toEqual({
      state: 'before',
      big: new Uint8Array(200_000).fill(1),
      small: new Uint8Array(8).fill(1),
    });
    expect(String(await recvBytes(b))).toBe('before');
  });

  test('what comes back is equal, and nobody else’s', async () => {
    const { ours } = pipeToPeer(name === 'Sync' ? 'echoSync' : 'echo');
    const sent = {
      list: [1, [2, -0, Number.NaN]],
      date: new Date(5),
      big: 2n ** 70n,
      nothing: undefined,
      error: [null],
    };
    for (let i = 0; i < 3; i++) {
      await send(ours, sent);
      const back = await recv(ours);
      expect(back).toEqual(sent);
      expect(back).not.toBe(sent);
    }
  });
});

test('messages that wait for room keep the order, also when the forms are mixed', async () => {
  const [a, b] = testPipe({ capacity: 4096 });
  const sent: Promise<void>[] = [];
  // Some go into the ring, most of them wait; large and small ones by turns.
  for (let i = 0; i < 200; i++) {
    sent.push(i % 5 === 0 ? a.send({ i, big: new Uint8Array(140_000) }) : a.send({ i, small: 'x'.repeat(i) }));
  }
  for (let i = 0; i < 200; i++) expect(await b.recv()).toMatchObject({ i });
  await Promise.all(sent);
});

test('an object whose getter sends on the same connection is sent whole, after what the getter sent', () => {
  const [a, b] = testPipe();
  a.sendSync({
    before: 'x'.repeat(50),
    get outer() {
      // A getter may be asked more than once.
      a.sendSync({ inner: 'y'.repeat(60) });
      return 'value';
    },
    after: [1, 2, 3],
  });
  const received: unknown[] = [];
  while (b.pollSync()) received.push(b.recvSync());
  expect(received.pop()).toEqual({ before: 'x'.repeat(50), outer: 'value', after: [1, 2, 3] });
  expect(received.length).toBeGreaterThan(0);
  for (const inner of received) expect(inner).toEqual({ inner: 'y'.repeat(60) });
});
