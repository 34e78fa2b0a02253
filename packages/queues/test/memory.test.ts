import { fstatSync } from 'node:fs';
import type { Queue } from '@mp/queues';
import { checkLeaks } from '@mp/testing';
import { expect, test } from 'vitest';
import { putPatterns, whosePattern } from './fixtures/patterns.ts';
import { testQueue } from './queues.ts';
import { running } from './running.ts';

checkLeaks();

const MIB = 1 << 20;

/** What the memory of a queue takes of the machine's, in bytes. */
const used = (queue: Queue<never>): number => fstatSync(queue.shared.space.descriptors[0]).blocks * 512;

test('an unused queue takes next to nothing', () => {
  const queue = testQueue<never>();
  expect(used(queue)).toBeLessThan(64 * 1024);
});

test('a queue from which is got what is put takes little, however long that goes on', () => {
  const queue = testQueue<unknown>();
  for (let i = 0; i < 200_000; i++) {
    queue.putSync(i);
    queue.getSync();
  }
  for (let i = 0; i < 100; i++) {
    queue.putSync('x'.repeat(MIB));
    queue.getSync();
  }
  expect(used(queue as Queue<never>)).toBeLessThan(4 * MIB);
});

test('the memory of many small messages is given back when they have been got', () => {
  const queue = testQueue<unknown>();
  const text = 'x'.repeat(1000);
  for (let i = 0; i < 20_000; i++) queue.putSync(text);
  expect(used(queue as Queue<never>)).toBeGreaterThan(19 * MIB);
  for (let i = 0; i < 20_000; i++) queue.getSync();
  expect(used(queue as Queue<never>)).toBeLessThan(4 * MIB);
  // And what is given back can be used again.
  for (let i = 0; i < 20_000; i++) queue.putSync(text);
  for (let i = 0; i < 20_000; i++) expect(queue.getSync() === text).toBe(true);
  expect(used(queue as Queue<never>)).toBeLessThan(4 * MIB);
});

test('so is most of the memory of many large messages', () => {
  const queue = testQueue<unknown>();
  const bytes = new Uint8Array(MIB).fill(1);
  for (let i = 0; i < 150; i++) queue.putSync(bytes);
  expect(used(queue as Queue<never>)).toBeGreaterThan(150 * MIB);
  for (let i = 0; i < 150; i++) queue.getSync();
  expect(used(queue as Queue<never>)).toBeLessThan(90 * MIB);
});

test('a message of 100 MiB arrives whole', async () => {
  const queue = testQueue<Uint8Array>();
  const bytes = new Uint8Array(100 * MIB);
  bytes[0] = 1;
  bytes[50 * MIB] = 2;
  bytes[100 * MIB - 1] = 3;
  await queue.put(bytes);
  bytes.fill(0);
  const got = await queue.get();
  expect([got.length, got[0], got[50 * MIB], got.at(-1)]).toEqual([100 * MIB, 1, 2, 3]);
});

// Found by killing: whoever looked for blocks of dead putters took one that its putter was just about to send.
test('large messages of several processes do not mix', async () => {
  const queue = testQueue<Uint8Array>();
  const started = [1, 2, 3].map((who) => running('spawn', { target: putPatterns, args: [queue, who, 1000] }));
  for (const child of await Promise.all(started)) await child.join();
  expect(queue.qsize()).toBe(3000);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 3000; i++) counts[whosePattern(queue.getSync())]!++;
  expect(counts).toEqual([0, 1000, 1000, 1000]);
});

test('messages with descriptors wait for room when too many are on their way', async () => {
  const queue = testQueue<Queue<number>>();
  const inner = testQueue<number>();
  const puts = Array.from({ length: 1000 }, () => queue.put(inner));
  for (let i = 0; i < 1000; i++) {
    const copy = await queue.get();
    copy.putSync(i);
    copy.close();
  }
  await Promise.all(puts);
  expect(queue.empty()).toBe(true);
  for (let i = 0; i < 1000; i++) if (inner.getSync() !== i) expect.unreachable();
});

test('many queues may live at once', () => {
  const queues = Array.from({ length: 100 }, () => testQueue<number>());
  for (const [i, queue] of queues.entries()) queue.putSync(i);
  for (const [i, queue] of queues.entries()) expect(queue.getSync()).toBe(i);
});
