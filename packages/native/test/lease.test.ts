import { checkLeaks, collectNow, collectUntil, nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import { createMemory, futexWait, type Lease, Mapping, unmapMemory } from '../src/index.ts';
import { closedAfterTest, testWords } from './descriptors.ts';

checkLeaks();

const BUSY = 1;

/** A mapping with a leased word at 0, and the words of another mapping, which see it as another process would. */
function testLease(): { mapping: Mapping; lease: Lease; words: Int32Array } {
  const { fd, words } = testWords();
  const mapping = Mapping.of(fd, 4096);
  words[0] = BUSY;
  return { mapping, lease: mapping.lease(0), words };
}

/** Makes views that nobody keeps. */
function readAndForget(mapping: Mapping, lease: Lease, times: number): void {
  for (let i = 0; i < times; i++) new Uint8Array(mapping.view(64 + i, 8, lease))[0] = 1;
}

test('a lease without views ends when it is released, and ends once', () => {
  const { mapping, lease, words } = testLease();
  lease.release();
  expect(words[0]).toBe(0);
  words[0] = BUSY;
  lease.release();
  mapping.close();
  expect(words[0]).toBe(BUSY);
});

test('a lease lasts while a view of it can be reached', async () => {
  const { mapping, lease, words } = testLease();
  const bytes = new Uint8Array(mapping.view(64, 8, lease));
  readAndForget(mapping, lease, 3);
  lease.release();
  mapping.close();
  await collectUntil(() => true);
  expect(words[0]).toBe(BUSY);
  bytes[0] = 1;
  expect(bytes[0]).toBe(1);
});

test('a lease ends when its views are collected', async () => {
  const { mapping, lease, words } = testLease();
  readAndForget(mapping, lease, 10);
  lease.release();
  mapping.close();
  await collectUntil(() => words[0] === 0);
  expect(words[0]).toBe(0);
});

test('a lease ends within synchronous code, in the collection that finds its views dead', () => {
  const { mapping, lease, words } = testLease();
  readAndForget(mapping, lease, 10);
  lease.release();
  mapping.close();
  collectNow();
  expect(words[0]).toBe(0);
});

test('a lease is not over before release, though its first view was collected', () => {
  const { mapping, lease, words } = testLease();
  readAndForget(mapping, lease, 1);
  collectNow();
  expect(words[0]).toBe(BUSY);
  readAndForget(mapping, lease, 1);
  lease.release();
  collectNow();
  expect(words[0]).toBe(0);
  mapping.close();
});

test('a lease that is forgotten is released by collection', async () => {
  const { fd, words } = testWords();
  const mapping = Mapping.of(fd, 4096);
  words[0] = BUSY;
  const forget = (): void => readAndForget(mapping, mapping.lease(0), 2);
  forget();
  mapping.close();
  await collectUntil(() => words[0] === 0);
  expect(words[0]).toBe(0);
});

test('detaching the last view ends the lease', async () => {
  const { mapping, lease, words } = testLease();
  const view = mapping.view(64, 8, lease);
  lease.release();
  unmapMemory(view);
  await collectUntil(() => words[0] === 0);
  expect(words[0]).toBe(0);
  mapping.close();
});

test('the end of a lease wakes who waits for the word', async () => {
  const { mapping, lease, words } = testLease();
  const waiting = futexWait(words, 0, BUSY, { timeout: 50_000 });
  lease.release();
  expect(await waiting).not.toBe('timed-out');
  mapping.close();
});

test('other words than that of the lease are not touched', async () => {
  const { fd, words } = testWords();
  words.fill(7);
  const mapping = Mapping.of(fd, 4096);
  const [first, second] = [mapping.lease(400), mapping.lease(404)];
  first.release();
  expect([words[99], words[100], words[101], words[102]]).toEqual([7, 0, 7, 7]);
  second.release();
  expect([words[99], words[100], words[101], words[102]]).toEqual([7, 0, 0, 7]);
  mapping.close();
});

test('no view can be made with a released lease, or with that of another mapping', () => {
  const { mapping, lease } = testLease();
  const other = testLease();
  expect(() => mapping.view(0, 1, other.lease)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  expect(() => mapping.view(0, 1, {} as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  other.lease.release();
  other.mapping.close();
  lease.release();
  expect(() => mapping.view(0, 1, lease)).toThrow(expect.objectContaining({ code: 'ERR_MP_CLOSED' }));
  mapping.close();
});

test('the word of a lease must be a whole word of a writable mapping', () => {
  const fd = closedAfterTest(createMemory(4096));
  const mapping = Mapping.of(fd, 4096);
  for (const offset of [-4, 2, 4094, 4096]) {
    expect(() => mapping.lease(offset)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  mapping.close();
  const readOnly = Mapping.of(fd, 4096, { readOnly: true });
  expect(() => readOnly.lease(0)).toThrow(/read-only/);
  readOnly.close();
});

test('a lease ends at the regular end of its process, and of its worker', async () => {
  const { fd, words } = testWords();
  const code = (end: string): string => `
    import { isMainThread, Worker } from 'node:worker_threads';
    import { Mapping } from '../src/index.ts';
    const mapping = Mapping.of(3, 4096);
    const lease = mapping.lease(isMainThread ? 0 : 4);
    globalThis.kept = [mapping, mapping.view(64, 8, lease)];
    if (isMainThread) ${end}`;
  words.fill(BUSY, 0, 2);
  const { stderr } = await nodeChild({ code: code('new Worker(new URL(import.meta.url))') }, { descriptors: [fd] });
  expect(stderr).toBe('');
  expect([words[0], words[1]]).toEqual([0, 0]);
});

test('memory that was truncated meanwhile does not hurt', async () => {
  const code = `
    import { Mapping, openSharedMemory, resizeMemory, unlinkSharedMemory } from '../src/index.ts';
    const name = 'mp-test-truncated-' + process.pid;
    const fd = openSharedMemory(name, { create: true, exclusive: true });
    unlinkSharedMemory(name);
    resizeMemory(fd, 8192);
    const mapping = Mapping.of(fd, 8192);
    const lease = mapping.lease(4096);
    resizeMemory(fd, 0);
    lease.release();
    console.log('alive');`;
  expect(await nodeChild({ code })).toMatchObject({ stdout: 'alive\n', code: 0, signal: null });
});
