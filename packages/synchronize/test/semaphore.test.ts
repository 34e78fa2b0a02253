import { AbortError } from '@mp/errors';
import { describe, expect, test } from 'vitest';
import { BoundedSemaphore, ReleaseError, Semaphore } from '../src/index.ts';
import { forms, outcome } from './fixtures/forms.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { startPeer } from './fixtures/peers.ts';

checkMemoryLeaks();

describe.each(forms)('a semaphore, $name form:', ({ acquire }) => {
  test('it lets in as many as its value says', async () => {
    const semaphore = new Semaphore(2);
    expect(semaphore.getValue()).toBe(2);
    expect(await acquire(semaphore)).toBe(true);
    expect(semaphore.locked()).toBe(false);
    expect(await acquire(semaphore)).toBe(true);
    expect(semaphore.locked()).toBe(true);
    for (const timeout of [-1, 0, 5]) expect(await acquire(semaphore, { timeout })).toBe(false);
    semaphore.release();
    expect(await acquire(semaphore)).toBe(true);
    expect(semaphore.getValue()).toBe(0);
  });

  test('another process releases it', async () => {
    const semaphore = new Semaphore(0);
    startPeer('release', [semaphore]);
    expect(await acquire(semaphore)).toBe(true);
  });

  test('what a killed process has acquired is not given back', async () => {
    const semaphore = new Semaphore(1);
    const peer = startPeer('hold', [semaphore]);
    await peer.says('held');
    peer.kill();
    await peer.ended;
    expect(await acquire(semaphore, { timeout: 5 })).toBe(false);
  });
});

test.each(['acquire', 'acquireSync'] as const)('several processes that wait with %s are all woken', async (form) => {
  const semaphore = new Semaphore(0);
  const peers = [1, 2, 3].map(() => startPeer(form, [semaphore]));
  for (const peer of peers) await peer.says('waiting');
  for (const _ of peers) semaphore.release();
  for (const peer of peers) await peer.says('true');
  expect(semaphore.getValue()).toBe(0);
});

test('a waiter that is killed takes nothing with it', async () => {
  const semaphore = new Semaphore(0);
  const killed = startPeer('acquireSync', [semaphore]);
  const other = startPeer('acquireSync', [semaphore]);
  for (const peer of [killed, other]) await peer.says('waiting');
  killed.kill();
  await killed.ended;
  semaphore.release();
  await other.says('true');
  expect(semaphore.getValue()).toBe(0);
});

test('many promises wait, and some give up: every unit is for one of the others', async () => {
  const semaphore = new Semaphore(0);
  const controller = new AbortController();
  const all = Array.from({ length: 300 }, (_, i) =>
    outcome(semaphore.acquire(i % 3 === 0 ? { signal: controller.signal } : i % 3 === 1 ? { timeout: 1 } : undefined)),
  );
  const late = await Promise.all(all.filter((_, i) => i % 3 === 1));
  expect(new Set(late)).toEqual(new Set([false]));
  for (let i = 0; i < 50; i++) semaphore.release();
  controller.abort();
  for (let i = 0; i < 150; i++) semaphore.release();
  const ends = await Promise.all(all);
  const acquired = ends.filter((end) => end === true).length;
  const aborted = ends.filter((end) => end instanceof AbortError).length;
  expect(acquired + aborted).toBe(200);
  expect(semaphore.getValue()).toBe(200 - acquired);
});

test('it shows its value, and travels with its bound', async () => {
  expect(String(new Semaphore(3))).toBe('<Semaphore(value=3)>');
  const bounded = new BoundedSemaphore(2);
  bounded.acquireSync();
  expect(String(bounded)).toBe('<BoundedSemaphore(value=1, maxvalue=2)>');
  await startPeer('show', [bounded]).says('<BoundedSemaphore(value=1, maxvalue=2)>');
});

test('a bounded semaphore refuses to be released too often', async () => {
  const semaphore = new BoundedSemaphore(1);
  expect(() => semaphore.release()).toThrow(ReleaseError);
  semaphore.acquireSync();
  semaphore.release();
  expect(() => semaphore.release()).toThrow('released too many times');
  expect(semaphore.getValue()).toBe(1);
});

test('an unbounded one can be released up to 2147483647', () => {
  const semaphore = new Semaphore(2_147_483_646);
  semaphore.release();
  expect(() => semaphore.release()).toThrow(ReleaseError);
  expect(semaphore.acquireSync()).toBe(true);
  expect(semaphore.getValue()).toBe(2_147_483_646);
});

test.each([-1, 1.5, Number.NaN, 2 ** 31, '1'])('a value of %s is refused', (value) => {
  expect(() => new Semaphore(value as number)).toThrow(RangeError);
  expect(() => new BoundedSemaphore(value as number)).toThrow('whole number from 0 to 2147483647');
});
