import { EOFError } from '@mp/errors';
import { Pickler } from '@mp/reduction';
import { describe, expect, test } from 'vitest';
import type { Revocable } from '../src/local/sender.ts';
import { segmentPool } from '../src/segment/pool.ts';
import { endOf, pipeToPeer, startPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, outcome, SMALL, testPipe } from './fixtures/pipes.ts';
import { randomNumbers } from './fixtures/random.ts';

// Messages that can be taken back until a reader has begun with them: the pool's lines of work.
checkConnectionLeaks();

const pickler = new Pickler({ outOfBand: 1 << 17 });

describe('a message that was taken back', () => {
  test('is never received, and those around it are', () => {
    const [a, b] = testPipe();
    const sent = [0, 1, 2, 3, 4].map((n) => endOf(a).sendRevocable(pickler.pickle(n)) as Revocable);
    for (const n of [0, 2, 4]) expect(endOf(a).revoke(sent[n]!)).toBe(true);
    expect([b.recvSync(), b.recvSync()]).toEqual([1, 3]);
    expect(() => b.recvSync({ timeout: 0 })).toThrow('did not come');
  });

  test('cannot be taken back again, nor after it was received', () => {
    const [a, b] = testPipe();
    const first = endOf(a).sendRevocable(pickler.pickle('first')) as Revocable;
    const second = endOf(a).sendRevocable(pickler.pickle('second')) as Revocable;
    expect(endOf(a).revoke(first)).toBe(true);
    expect(endOf(a).revoke(first)).toBe(false);
    expect(b.recvSync()).toBe('second');
    expect(endOf(a).revoke(second)).toBe(false);
  });

  test('gives its memory back if it was large', () => {
    const [a, b] = testPipe();
    const message = { big: new Uint8Array(500_000) };
    for (let i = 0; i < 50; i++) {
      const sent = endOf(a).sendRevocable(pickler.pickle(message)) as Revocable;
      expect(endOf(a).revoke(sent)).toBe(true);
      expect(() => b.recvSync({ timeout: 0 })).toThrow('did not come');
    }
    expect(segmentPool.statistics().segments).toBe(1);
  });

  test('makes room for others when a reader passes it', () => {
    const [a, b] = testPipe({ capacity: SMALL });
    let last: Revocable | undefined;
    const all: Revocable[] = [];
    do {
      last = endOf(a).sendRevocable(pickler.pickle('x'.repeat(500)));
      if (last !== undefined) all.push(last);
    } while (last !== undefined);
    for (const sent of all) expect(endOf(a).revoke(sent)).toBe(true);
    expect(() => b.recvSync({ timeout: 0 })).toThrow('did not come');
    a.sendSync('there is room', { timeout: 0 });
    expect(b.recvSync()).toBe('there is room');
  });

  test('is void for a reader that was killed, too, and what it had begun is not', async () => {
    const { ours, peer } = pipeToPeer('idle');
    await peer.says('ready');
    const sent = endOf(ours).sendRevocable(pickler.pickle(1)) as Revocable;
    peer.kill();
    await peer.ended;
    expect(endOf(ours).revoke(sent)).toBe(true);
    expect(await outcome(ours.recv())).toBeInstanceOf(EOFError);
  });
});

test('each message is either received by another process or taken back, never both and never neither', async () => {
  const random = randomNumbers('MP_REVOKE_SEED');
  const [a, b] = testPipe({ capacity: SMALL });
  const [answers, theirs] = testPipe();
  startPeer('report', [b, theirs]);
  b.close();
  theirs.close();
  const revoked = new Set<number>();
  const received: number[] = [];
  const count = 5000;
  const outstanding: { n: number; sent: Revocable }[] = [];
  const drain = (): void => {
    while (answers.pollSync()) received.push((answers.recvSync() as [number])[0]);
  };
  for (let n = 0; n < count; ) {
    const body = random(50) === 0 ? 'x'.repeat(2000) : 'x'.repeat(random(60));
    const sent = endOf(a).sendRevocable(pickler.pickle([n, body]));
    drain();
    if (sent === undefined) {
      await new Promise(setImmediate);
      continue;
    }
    outstanding.push({ n: n++, sent });
    if (outstanding.length < 1 + random(12)) continue;
    const [candidate] = outstanding.splice(random(outstanding.length), 1);
    if (candidate !== undefined && random(2) === 0 && endOf(a).revoke(candidate.sent)) revoked.add(candidate.n);
  }
  a.close();
  for await (const [n] of answers) received.push(n);
  expect(received.filter((n) => revoked.has(n))).toEqual([]);
  expect(received.length + revoked.size).toBe(count);
  expect(received).toEqual(received.toSorted((x, y) => x - y));
  expect(revoked.size).toBeGreaterThan(0);
});
