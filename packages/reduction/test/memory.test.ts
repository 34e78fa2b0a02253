import { expect, test } from 'vitest';
import { dumps, loadsSync, type Pickle, Pickler, Unpickler, UnpicklingError } from '../src/index.ts';

const there = <T>(value: T): T => loadsSync(dumps(value)) as T;
const pickler = new Pickler({ outOfBand: 1024 });
const unpickler = new Unpickler();

/** As a transport delivers it: each buffer in memory of its own. */
const deliver = ({ bytes, start, end, buffers }: Pickle): unknown =>
  unpickler.finish({ bytes, start, end, buffers: buffers.map((buffer) => new Uint8Array(buffer)) });

const counting = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).map((_, i) => i);

test('a view of ten bytes into a megabyte costs ten bytes', () => {
  const memory = new Uint8Array(1 << 20).fill(7);
  const view = new Uint16Array(memory.buffer, 1000, 5);
  const bytes = dumps(view);
  expect(bytes.length).toBeLessThan(60);
  const arrived = there(view);
  expect([...arrived]).toEqual([...view]);
  expect(arrived.buffer.byteLength).toBe(10);
});

test('views of one ArrayBuffer share it, and only what they cover travels', () => {
  const memory = counting(100_000).buffer;
  const value = [new Uint8Array(memory, 50_003, 4), new Float64Array(memory, 50_008, 2)] as const;
  expect(dumps(value).length).toBeLessThan(120);
  const [bytes, doubles] = there(value);
  expect(bytes.buffer).toBe(doubles.buffer);
  expect([...bytes]).toEqual([...value[0]]);
  bytes.fill(0);
  expect(doubles[0]).toBe(value[1][0]);
  new Uint8Array(doubles.buffer).fill(0);
  expect([...doubles]).toEqual([0, 0]);
});

test('an ArrayBuffer in the message travels whole, and its views see it', () => {
  const memory = counting(64).buffer;
  const { memory: arrived, view } = there({ view: new Uint8Array(memory, 10, 5), memory });
  expect(arrived.byteLength).toBe(64);
  expect(view.buffer).toBe(arrived);
  expect(view.byteOffset).toBe(10);
});

test('small Buffers travel alone, without the pool that they are slices of', () => {
  const secret = Buffer.from('SECRET-IN-THE-SAME-POOL');
  const value = { a: Buffer.from('aaaa'), b: Buffer.from('bbbb'), map: new Map() };
  const bytes = dumps(value);
  expect(bytes.length).toBeLessThan(100);
  expect(Buffer.from(bytes).includes(secret)).toBe(false);
  const { a, b } = there(value);
  a.fill(0);
  expect(b.toString()).toBe('bbbb');
});

test('Buffers that share an ArrayBuffer of their own share it there, alone and beside other things', () => {
  const memory = new ArrayBuffer(100);
  const value = [Buffer.from(memory, 0, 60), Buffer.from(memory, 40, 60)] as const;
  for (const [first, second] of [there(value), there([...value, new Map()]) as [Buffer, Buffer, unknown]]) {
    first.fill(9);
    expect(second[19]).toBe(9);
    expect(second[20]).toBe(0);
  }
});

test('what arrives does not change when the memory of the message is used again', () => {
  const value = {
    text: 'x'.repeat(100),
    buffer: Buffer.from('kept'),
    numbers: Array.from({ length: 100 }, (_, i) => i),
    bytes: counting(50),
    key: { 'a longer key than most': 1 },
  };
  for (const each of [
    value,
    [value, new Map([['k', value.bytes]])],
    value.buffer,
    [value.buffer, { b: value.buffer.subarray(1) }],
  ]) {
    const bytes = dumps(each);
    const arrived = loadsSync(bytes);
    const expected = structuredClone(JSON.parse(JSON.stringify(arrived)));
    bytes.fill(0xff);
    expect(JSON.parse(JSON.stringify(arrived))).toEqual(expected);
  }
});

test('views that follow the size of their ArrayBuffer go on following it', () => {
  const tracking = new Uint8Array(new ArrayBuffer(4, { maxByteLength: 32 }));
  const fixed = new Uint8Array(tracking.buffer, 0, 4);
  const doubles = new Float64Array(new ArrayBuffer(16, { maxByteLength: 16 }));
  const [a, b, c] = there([tracking, fixed, doubles] as const);
  a.buffer.resize(8);
  expect([a.length, b.length]).toEqual([8, 4]);
  c.buffer.resize(8);
  expect(c.length).toBe(1);
});

test('memory from the threshold on leaves the message without being copied, and comes back in order', () => {
  const value = {
    small: counting(1023),
    large: counting(1024),
    doubles: new Float64Array([1.5, 2.5, ...new Array<number>(200).fill(0)]),
    again: { large: 0 as unknown },
    buffer: Buffer.alloc(5000, 'b'),
    memory: new ArrayBuffer(2000),
    view: new DataView(new ArrayBuffer(3000), 500, 1500),
  };
  value.again.large = value.large;
  const pickle = pickler.pickle(value);
  expect(pickle.buffers.map(({ length }) => length)).toEqual([1024, 1616, 5000, 2000, 1500]);
  expect(pickle.buffers[0]?.buffer).toBe(value.large.buffer);
  expect(pickle.buffers[2]?.buffer).toBe(value.buffer.buffer);
  expect(pickle.buffers[4]?.byteOffset).toBe(500);
  const arrived = deliver(pickle) as typeof value;
  expect(arrived).toEqual(value);
  expect(arrived.again.large).toBe(arrived.large);
  expect(arrived.buffer).toBeInstanceOf(Buffer);
});

test('a lone large Buffer leaves the message too', () => {
  const { start, end, buffers } = pickler.pickle(Buffer.alloc(4096, 1));
  expect(buffers).toHaveLength(1);
  expect(end - start).toBeLessThan(40);
});

test('received buffers become the memory of the value, without a copy', () => {
  const { bytes, start, end } = pickler
    .pickle([new Uint8Array(2048), new ArrayBuffer(4096), Buffer.alloc(1024), new Float32Array(300)])
    .detach();
  const buffers = [2048, 4096, 1024, 1200].map((size) => new Uint8Array(size));
  const [a, b, c, d] = unpickler.finish({ bytes, start, end, buffers }) as [
    Uint8Array,
    ArrayBuffer,
    Buffer,
    Float32Array,
  ];
  expect([a.buffer, b, c.buffer, d.buffer]).toEqual(buffers.map(({ buffer }) => buffer));
  expect(b).toBe(buffers[1]?.buffer);
});

test('buffers that are parts of something larger, or not aligned, arrive all the same', () => {
  const memory = counting(8192).buffer;
  const { bytes, start, end } = pickler.pickle([new Float64Array(256), new ArrayBuffer(1024)]).detach();
  const buffers = [new Uint8Array(memory, 3, 2048), new Uint8Array(memory, 4000, 1024)];
  const [doubles, part] = unpickler.finish({ bytes, start, end, buffers }) as [Float64Array, ArrayBuffer];
  expect(new Uint8Array(doubles.buffer, doubles.byteOffset, 8)).toEqual(counting(8192).subarray(3, 11));
  expect(part.byteLength).toBe(1024);
  expect(new Uint8Array(part)).toEqual(counting(8192).subarray(4000, 5024));
});

test('a buffer that did not come with its message is an UnpicklingError', () => {
  const { bytes, start, end } = pickler.pickle(new Uint8Array(2048)).detach();
  expect(() => unpickler.finish({ bytes, start, end })).toThrow(UnpicklingError);
  expect(() => unpickler.finish({ bytes, start, end })).toThrow('a buffer that belongs to it did not come with it');
  expect(() => unpickler.finish({ bytes, start, end, buffers: [new Uint8Array(2047)] })).toThrow(UnpicklingError);
});

test('a pickle is valid until the next one, and a detached pickle for ever', () => {
  const large = counting(2048);
  const first = pickler.pickle([1, large]);
  const kept = first.detach();
  const second = pickler.pickle(['another', new Uint8Array(1500)]);
  expect(second).toBe(first);
  large.fill(0);
  expect(deliver(kept)).toEqual([1, counting(2048)]);
  expect(kept.buffers[0]?.buffer).not.toBe(large.buffer);
});

test('nothing beside the message is the same empty list every time', () => {
  const { buffers, descriptors } = new Pickler().pickle([1]);
  const again = new Pickler().pickle(new Map());
  expect(again.buffers).toBe(buffers);
  expect(again.descriptors).toBe(descriptors);
  expect(Object.isFrozen(buffers) && Object.isFrozen(descriptors)).toBe(true);
});

test('a huge message does not make the pickler keep its memory', () => {
  const small = new Pickler();
  const size = (): number => small.pickle([1]).bytes.length;
  small.pickle('x'.repeat(8 << 20));
  expect(size()).toBeGreaterThan(8 << 20);
  for (let i = 0; i < 100; i++) small.pickle([i]);
  expect(size()).toBeLessThan(1 << 20);
});

test('options are checked', () => {
  for (const outOfBand of [0, -1, Number.NaN, '5' as unknown as number]) {
    expect(() => new Pickler({ outOfBand })).toThrow(RangeError);
  }
  for (const maxDepth of [0, 1.5, Number.NaN]) expect(() => new Unpickler({ maxDepth })).toThrow(RangeError);
});
