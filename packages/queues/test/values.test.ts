import { PicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { Point } from './fixtures/point.ts';
import { outcome, testQueue } from './queues.ts';

checkLeaks();

const values: readonly (readonly [string, unknown])[] = [
  ['a number', 7],
  ['undefined', undefined],
  ['null', null],
  ['the empty string', ''],
  ['a string of 15 KiB', 'ä'.repeat(7500)],
  ['a string that just does not fit in the log', 'x'.repeat(1 << 14)],
  ['a string of 1 MiB', 'x'.repeat(1 << 20)],
  ['a date', new Date(7)],
  ['a map with objects', new Map<unknown, unknown>([[1, { a: new Set([2n ** 70n]) }]])],
  ['an instance of a class', new Point(3)],
  ['small bytes', new Uint8Array([1, 2, 3])],
  ['200 KiB of doubles', new Float64Array(25_000).map((_, i) => i / 3)],
  ['buffers beside each other', [new Uint8Array(150_000).fill(1), 'between', new Uint8Array(140_001).fill(2)]],
  ['an error', new RangeError('no')],
];

describe.each([
  ['get', (queue: ReturnType<typeof testQueue>) => queue.get()],
  ['getSync', async (queue: ReturnType<typeof testQueue>) => queue.getSync()],
  ['getNowait', async (queue: ReturnType<typeof testQueue>) => queue.getNowait()],
])('%s', (_, get) => {
  test.each(values)('gives %s as it was put', async (_, value) => {
    const queue = testQueue();
    await queue.put(value);
    queue.putSync(value);
    queue.putNowait(value);
    expect(queue.qsize()).toBe(3);
    for (let i = 0; i < 3; i++) expect(await get(queue)).toStrictEqual(value);
    expect(queue.qsize()).toBe(0);
    expect(queue.empty()).toBe(true);
  });
});

test('messages of all kinds and sizes keep their order', async () => {
  const queue = testQueue<unknown>();
  const lengths = Array.from({ length: 600 }, (_, i) => (i * 7919) % (i % 50 === 0 ? 300_000 : 17_000));
  for (const [i, length] of lengths.entries()) {
    await queue.put(i % 3 === 0 ? { i, date: new Date(i), text: 'x'.repeat(length) } : [i, 'y'.repeat(length)]);
  }
  expect(queue.qsize()).toBe(600);
  for (const [i, length] of lengths.entries()) {
    const got = (await queue.get()) as { i: number; date: Date; text: string } & [number, string];
    expect(i % 3 === 0 ? got.i : got[0]).toBe(i);
    expect((i % 3 === 0 ? got.text : got[1]).length).toBe(length);
  }
  expect(queue.empty()).toBe(true);
});

test('many small messages may wait, and are got in order', () => {
  const queue = testQueue<number>();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 100_000; i++) queue.putSync(i);
    expect(queue.qsize()).toBe(100_000);
    for (let i = 0; i < 100_000; i++) if (queue.getSync() !== i) expect.unreachable();
  }
});

test('an object is as it was when it was put', async () => {
  const queue = testQueue<{ n: number; bytes: Uint8Array }>();
  const object = { n: 1, bytes: new Uint8Array(200_000).fill(1) };
  await queue.put(object);
  object.n = 2;
  object.bytes.fill(2);
  const got = await queue.get();
  expect([got.n, got.bytes[7]]).toEqual([1, 1]);
});

test('what cannot travel is refused by the put itself, and the queue is unharmed', async () => {
  const queue = testQueue();
  const error = await outcome(queue.put({ callback: () => 1 }));
  expect(error).toBeInstanceOf(PicklingError);
  expect(() => queue.putSync({ callback: () => 1 })).toThrow(PicklingError);
  expect(() => queue.putNowait(Promise.resolve())).toThrow(PicklingError);
  expect(queue.empty()).toBe(true);
  queue.putSync('still good');
  expect(queue.getSync()).toBe('still good');
});

test('a received buffer belongs to the receiver: it can be written and transferred', async () => {
  const queue = testQueue<Uint8Array>();
  const bytes = new Uint8Array(300_000).fill(5);
  queue.putSync(bytes);
  queue.putSync(bytes);
  const first = queue.getSync();
  first.fill(9);
  const buffer = first.buffer as ArrayBuffer;
  structuredClone(buffer, { transfer: [buffer] });
  expect(queue.getSync()[1000]).toBe(5);
});
