import { describe, expect, test } from 'vitest';
import { segmentPool } from '../src/segment/pool.ts';
import { forms } from './fixtures/forms.ts';
import { residentBytes } from './fixtures/memory.ts';
import { pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, fill, outcome, SMALL, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

test('send resolves at once while there is room, and not before there is when there is none', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  let settled = 0;
  const sent = Array.from({ length: 20 }, () => a.sendBytes(Buffer.alloc(500)).then(() => settled++));
  await new Promise(setImmediate);
  const first = settled;
  expect(first).toBe(Math.floor(SMALL / 512));
  for (let received = 0; received < 20; received++) {
    await b.recvBytes();
    await new Promise(setImmediate);
    expect(settled).toBeLessThanOrEqual(first + received + 1);
  }
  await Promise.all(sent);
});

test('the event loop turns while send waits', async () => {
  const [a, b] = testPipe({ capacity: SMALL });
  fill(a);
  const sent = a.send('x'.repeat(500));
  let turns = 0;
  while (turns < 100) {
    await new Promise(setImmediate);
    turns++;
  }
  while (b.pollSync()) b.recvBytesSync();
  expect(await outcome(sent)).toBeUndefined();
});

test('large messages that nobody takes wait, though the ring itself has room', async () => {
  const [a, b] = testPipe();
  const big = new Uint8Array(30 << 20);
  let sent = 0;
  const sending = (async () => {
    for (let i = 0; i < 12; i++) {
      await a.sendBytes(big);
      sent++;
    }
  })();
  await new Promise(setImmediate);
  expect(sent).toBeGreaterThanOrEqual(1);
  expect(sent).toBeLessThan(8);
  const target = Buffer.alloc(big.length);
  for (let i = 0; i < 12; i++) expect(await b.recvBytesInto(target)).toBe(big.length);
  await sending;
});

test('one message larger than all that may wait is sent all the same', async () => {
  const [a, b] = testPipe();
  const size = 200 << 20;
  await a.sendBytes(new Uint8Array(size).fill(5), { timeout: 0 });
  // What goes through the ring itself is not large.
  await a.sendBytes(new Uint8Array(200_000), { timeout: 0 });
  expect(await outcome(a.sendBytes(new Uint8Array(300_000), { timeout: 0 }))).toMatchObject({ name: 'TimeoutError' });
  const target = Buffer.alloc(size);
  expect(await b.recvBytesInto(target)).toBe(size);
  expect(target[size - 1]).toBe(5);
});

describe.each(forms)('in the $name form', ({ name, recvBytes, sendBytes }) => {
  test('10,000 large messages to a slower process need the memory of a few', async () => {
    const { ours, peer } = pipeToPeer('takeLarge', [10_000, name]);
    const message = new Uint8Array(300_000);
    let most = 0;
    for (let i = 0; i < 10_000; i++) {
      message[0] = i;
      message[message.length - 1] = i >> 8;
      await sendBytes(ours, message);
      if (i % 100 === 0) most = Math.max(most, segmentPool.statistics().bytes);
    }
    const { resident, received } = JSON.parse(String(await recvBytes(ours)));
    expect(received).toBe(10_000);
    // Of 3 GB: what may wait unread, and a margin.
    expect(most).toBeLessThan(600 << 20);
    expect(resident).toBeLessThan(600 << 20);
    await peer.ended;
  });

  test('10,000 large objects whose buffers the receiver keeps for a moment need the memory of a few', async () => {
    const { ours, peer } = pipeToPeer('sendObjects', [10_000, 200_000, name]);
    const before = residentBytes();
    let most = 0;
    for (let i = 0; i < 10_000; i++) {
      const { n, big } = (await (name === 'Sync' ? ours.recvSync({ timeout: 50_000 }) : ours.recv())) as {
        n: number;
        big: Uint8Array;
      };
      if (n !== i || big[0] !== (i & 0xff) || big.length !== 200_000) throw new Error(`Message ${i} is message ${n}`);
      if (i % 100 === 0) most = Math.max(most, residentBytes());
    }
    await peer.says(/segments (\d+)/);
    expect(most - before).toBeLessThan(800 << 20);
  });
});
