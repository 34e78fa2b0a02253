import { readFileSync } from 'node:fs';
import { checkLeaks, collectUntil, nodeChild } from '@mp/testing';
import { expect, onTestFinished, test } from 'vitest';
import { countMappings, createMemory, Mapping, mapMemory, resizeMemory, unmapMemory } from '../src/index.ts';
import { closedAfterTest, testWords } from './descriptors.ts';

checkLeaks();

const PAGE = 4096;

/** Closed at the end of the test. (Node 22 does not know `using`.) */
function testMapping(fd: number, size: number): Mapping {
  const mapping = Mapping.of(fd, size);
  onTestFinished(() => mapping.close());
  return mapping;
}

/** How many mappings of this process show the label. */
function mappingsOf(label: string): number {
  return readFileSync('/proc/self/maps', 'utf8').split(`/memfd:${label} `).length - 1;
}

test('two mappings of one memory show the same bytes', () => {
  const fd = closedAfterTest(createMemory(2 * PAGE));
  const a = mapMemory(fd, 2 * PAGE);
  const b = mapMemory(fd, PAGE, { offset: PAGE });
  new Uint8Array(a)[PAGE + 3] = 42;
  expect(new Uint8Array(b)[3]).toBe(42);
  unmapMemory(a);
  unmapMemory(b);
});

test('atomics count exactly between processes', async () => {
  const { fd, words } = testWords();
  const code = `
    import { mapMemory } from '../src/index.ts';
    const words = new Int32Array(mapMemory(3, 4096));
    Atomics.add(words, 1, 1);
    while (Atomics.load(words, 1) < 3);
    for (let i = 0; i < 200_000; i++) Atomics.add(words, 0, 1);`;
  const children = [nodeChild({ code }, { descriptors: [fd] }), nodeChild({ code }, { descriptors: [fd] })];
  Atomics.add(words, 1, 1); // The three begin together.
  const results = await Promise.all(children);
  expect(results.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(2).fill({ code: 0, stderr: '' }));
  for (let i = 0; i < 200_000; i++) Atomics.add(words, 0, 1);
  expect(words[0]).toBe(600_000);
});

test('unmapping detaches: the buffer and what is over it have length 0', () => {
  const buffer = mapMemory(closedAfterTest(createMemory(PAGE)), PAGE);
  const words = new Int32Array(buffer);
  const view = new DataView(buffer);
  unmapMemory(buffer);
  expect(buffer.byteLength).toBe(0);
  expect(words.length).toBe(0);
  expect(() => view.getInt8(0)).toThrow(TypeError);
});

test('unmapping a second time is an error, and so is unmapping what is not ours', () => {
  const buffer = mapMemory(closedAfterTest(createMemory(PAGE)), PAGE);
  unmapMemory(buffer);
  expect(() => unmapMemory(buffer)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining('unmapped before') }),
  );
  for (const foreign of [new ArrayBuffer(8), new ArrayBuffer(0), new Uint8Array(8).buffer]) {
    expect(() => unmapMemory(foreign)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  }
  for (const wrong of [new Int32Array(2), new SharedArrayBuffer(8), null, {}]) {
    expect(() => unmapMemory(wrong as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  }
});

test('a buffer that took over the memory of another can be unmapped', () => {
  const moved = mapMemory(closedAfterTest(createMemory(PAGE)), PAGE).transfer();
  unmapMemory(moved);
  expect(moved.byteLength).toBe(0);
});

test('memory cannot be mapped beyond its end', () => {
  const fd = closedAfterTest(createMemory(PAGE));
  expect(() => mapMemory(fd, PAGE + 1)).toThrow(
    expect.objectContaining({ code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining('holds') }),
  );
  expect(() => mapMemory(fd, 1, { offset: PAGE })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  expect(() => mapMemory(fd, 1, { offset: 1 })).toThrow(/"options.offset".*multiple of the page size/);
  resizeMemory(fd, PAGE + 1);
  unmapMemory(mapMemory(fd, PAGE + 1));
});

test('1,000 times mapped and unmapped leaves the mappings as they were', () => {
  const fd = closedAfterTest(createMemory(PAGE, 'mp-thousand'));
  const before = countMappings();
  for (let i = 0; i < 1000; i++) {
    const buffer = mapMemory(fd, PAGE);
    new Uint8Array(buffer)[i] = i;
    unmapMemory(buffer);
  }
  expect(mappingsOf('mp-thousand')).toBe(0);
  expect(countMappings()).toBe(before);
});

test('a buffer that nobody has any more is unmapped', async () => {
  const fd = closedAfterTest(createMemory(PAGE, 'mp-forgotten'));
  const forget = (): void => {
    for (let i = 0; i < 50; i++) new Uint8Array(mapMemory(fd, PAGE))[0] = i;
  };
  forget();
  expect(mappingsOf('mp-forgotten')).toBeGreaterThan(0);
  await collectUntil(() => mappingsOf('mp-forgotten') === 0);
  expect(mappingsOf('mp-forgotten')).toBe(0);
});

test('populate makes the pages present', () => {
  const fd = closedAfterTest(createMemory(64 * PAGE, 'mp-populated'));
  const buffer = mapMemory(fd, 64 * PAGE, { populate: true });
  const smaps = readFileSync('/proc/self/smaps', 'utf8');
  const resident = /Rss:\s+(\d+) kB/.exec(smaps.slice(smaps.indexOf('/memfd:mp-populated')))?.[1];
  expect(Number(resident)).toBe(256);
  unmapMemory(buffer);
});

test('views of one mapping share its bytes, and may be empty', () => {
  const fd = closedAfterTest(createMemory(PAGE));
  const mapping = testMapping(fd, PAGE);
  expect(mapping.size).toBe(PAGE);
  const whole = new Uint8Array(mapping.view(0, PAGE));
  const part = new Uint8Array(mapping.view(100, 10));
  whole[103] = 5;
  expect(part[3]).toBe(5);
  expect(mapping.view(PAGE, 0).byteLength).toBe(0);
});

test('a view outside of its mapping is refused', () => {
  const mapping = testMapping(closedAfterTest(createMemory(PAGE)), PAGE);
  expect(() => mapping.view(0, PAGE + 1)).toThrow(/"length"/);
  expect(() => mapping.view(PAGE + 1, 0)).toThrow(/"offset"/);
  expect(() => mapping.view(PAGE - 1, 2)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
});

test('a closed mapping makes no more views, but those that there are stay', async () => {
  const mapping = Mapping.of(closedAfterTest(createMemory(PAGE, 'mp-closed')), PAGE);
  const use = (): void => {
    const bytes = new Uint8Array(mapping.view(0, 16));
    mapping.close();
    mapping.close();
    bytes[0] = 1;
    expect(bytes[0]).toBe(1);
    expect(mappingsOf('mp-closed')).toBe(1);
  };
  use();
  expect(() => mapping.view(0, 1)).toThrow(expect.objectContaining({ code: 'ERR_MP_CLOSED' }));
  expect(() => mapping.lease(0)).toThrow(expect.objectContaining({ code: 'ERR_MP_CLOSED' }));
  await collectUntil(() => mappingsOf('mp-closed') === 0);
  expect(mappingsOf('mp-closed')).toBe(0);
});

test('a mapping without views is unmapped at once by close', () => {
  const mapping = Mapping.of(closedAfterTest(createMemory(PAGE, 'mp-empty')), PAGE);
  expect(mappingsOf('mp-empty')).toBe(1);
  mapping.close();
  expect(mappingsOf('mp-empty')).toBe(0);
});

test('a mapping that nobody closed is unmapped when it and its views are collected', async () => {
  const fd = closedAfterTest(createMemory(PAGE, 'mp-lost'));
  const lose = (): void => {
    const mapping = Mapping.of(fd, PAGE);
    new Uint8Array(mapping.view(0, 8))[0] = 1;
    new Uint8Array(mapping.view(8, 8))[0] = 1;
  };
  lose();
  await collectUntil(() => mappingsOf('mp-lost') === 0);
  expect(mappingsOf('mp-lost')).toBe(0);
});

test('unmapping one view detaches that one only', async () => {
  const mapping = Mapping.of(closedAfterTest(createMemory(PAGE, 'mp-one')), PAGE);
  const kept = new Uint8Array(mapping.view(0, 8));
  const twin = mapping.view(0, 8);
  unmapMemory(twin);
  mapping.close();
  expect(twin.byteLength).toBe(0);
  // Long enough for the finalizer of the detached one.
  const other = mapMemory(closedAfterTest(createMemory(PAGE, 'mp-other')), PAGE);
  unmapMemory(other);
  await collectUntil(() => mappingsOf('mp-one') === 1);
  kept[0] = 3;
  expect(kept[0]).toBe(3);
});

test('a mapping cannot be sent to a worker: its memory stays with this thread', () => {
  const buffer = mapMemory(closedAfterTest(createMemory(PAGE)), PAGE);
  expect(() => structuredClone(buffer, { transfer: [buffer] })).toThrow(/DataCloneError|transfer/i);
  expect(buffer.byteLength).toBe(PAGE);
  unmapMemory(buffer);
});
