import { type Connection, Pipe, wait, waitSync } from '@mp/connection';
import { AbortError, ClosedError } from '@mp/errors';
import { closeDescriptor, createDoorbell, ringDoorbell } from '@mp/native';
import { describe, expect, onTestFinished, test } from 'vitest';
import { forms } from './fixtures/forms.ts';
import { pipeToPeer } from './fixtures/peers.ts';
import { checkConnectionLeaks, outcome, pattern, testPipe } from './fixtures/pipes.ts';

checkConnectionLeaks();

const testBell = (): number => {
  const bell = createDoorbell();
  onTestFinished(() => closeDescriptor(bell));
  return bell;
};

describe.each(forms)('in the $name form', ({ wait }) => {
  test('those that are ready come back, in the order in which they were given', async () => {
    const pipes = Array.from({ length: 5 }, () => testPipe());
    const ends = pipes.map(([, end]) => end);
    for (const i of [3, 0, 4]) pipes[i]![0].sendSync(i);
    expect(await wait(ends)).toEqual([ends[0], ends[3], ends[4]]);
    expect(await wait(ends.toReversed())).toEqual([ends[4], ends[3], ends[0]]);
  });

  test('nothing is taken', async () => {
    const [a, b] = testPipe();
    a.sendSync('once');
    for (let i = 0; i < 3; i++) expect(await wait([b])).toEqual([b]);
    expect(b.recvSync()).toBe('once');
    expect(await wait([b], { timeout: 0 })).toEqual([]);
  });

  test('an object that is given twice is ready twice', async () => {
    const [a, b] = testPipe();
    a.sendSync(1);
    expect(await wait([b, b])).toEqual([b, b]);
  });

  test('connections and descriptors together', async () => {
    const [a, b] = testPipe();
    const bell = testBell();
    ringDoorbell(bell);
    expect(await wait<Connection | number>([b, bell], { timeout: 1000 })).toEqual([bell]);
    a.sendSync(1);
    expect(await wait<Connection | number>([b, bell], { timeout: 1000 })).toEqual([b, bell]);
  });

  test('a connection whose other end is closed is ready, with and without messages', async () => {
    const [a, b] = testPipe();
    const [c, d] = testPipe();
    a.sendSync(1);
    a.close();
    c.close();
    expect(await wait([b, d])).toEqual([b, d]);
  });

  test('a connection that is closed here is ready: receiving says why', async () => {
    const [, b] = testPipe();
    b.close();
    expect(await wait([b])).toEqual([b]);
    expect(() => b.recvSync()).toThrow(ClosedError);
  });

  test.each([0, -1, Number.NEGATIVE_INFINITY])('a time-out of %d looks once', async (timeout) => {
    const [a, b] = testPipe();
    expect(await wait([b], { timeout })).toEqual([]);
    a.sendSync(1);
    expect(await wait([b], { timeout })).toEqual([b]);
    expect(await wait([], { timeout })).toEqual([]);
  });

  test('nothing that is ready when the time is over', async () => {
    const [, b] = testPipe();
    expect(await wait<Connection | number>([b, testBell()], { timeout: 20 })).toEqual([]);
  });

  test('a wait ends when another process sends, and when it dies', async () => {
    const { ours, peer } = pipeToPeer('sayAndStay', ['hello']);
    const [, silent] = testPipe();
    expect(await wait([silent, ours], { timeout: 50_000 })).toEqual([ours]);
    expect(ours.recvSync()).toBe('hello');
    await peer.says('ready');
    peer.kill();
    expect(await wait([silent, ours], { timeout: 50_000 })).toEqual([ours]);
  });

  test('what cannot be waited for is an error', async () => {
    const [reader, writer] = testPipe(false);
    expect(await outcome(wait([writer]))).toMatchObject({ code: 'ERR_MP_DIRECTION' });
    expect(await outcome(wait([reader, writer], { timeout: 0 }))).toMatchObject({ code: 'ERR_MP_DIRECTION' });
    for (const nothing of [null, undefined, {}, 'x']) {
      expect(await outcome(wait([nothing as unknown as Connection]))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    }
  });
});

test('one that becomes ready while it is waited for', async () => {
  const pipes = Array.from({ length: 3 }, () => testPipe());
  const ends = pipes.map(([, end]) => end);
  const waited = wait(ends);
  setImmediate(() => pipes[1]![0].sendSync('now'));
  expect(await waited).toEqual([ends[1]]);
});

test('a large message makes ready, too', async () => {
  const [a, b] = testPipe();
  const waited = wait([b]);
  setImmediate(() => a.sendBytesSync(pattern(2_000_000)));
  expect(await waited).toEqual([b]);
  expect(b.recvBytesSync().equals(pattern(2_000_000))).toBe(true);
});

test('one that is closed while it is waited for', async () => {
  const [, b] = testPipe();
  const waited = wait([b]);
  setImmediate(() => b.close());
  expect(await waited).toEqual([b]);
});

test('a signal ends a wait, before and while', async () => {
  const [, b] = testPipe();
  expect(await outcome(wait([b], { signal: AbortSignal.abort('why') }))).toBeInstanceOf(AbortError);
  const controller = new AbortController();
  const waited = outcome(wait([b], { signal: controller.signal }));
  setImmediate(() => controller.abort('enough'));
  expect(await waited).toMatchObject({ name: 'AbortError', cause: 'enough' });
});

test('several waits at once, and a recv that takes what they wait for', async () => {
  const [a, b] = testPipe();
  const received = b.recv();
  const waits = [wait([b]), wait([b]), wait([b, b])];
  setImmediate(() => {
    a.sendSync(1);
    a.sendSync(2);
  });
  expect(await received).toBe(1);
  expect(await Promise.all(waits)).toEqual([[b], [b], [b, b]]);
});

test('200 connections at once, in both forms', async () => {
  const pipes = Array.from({ length: 200 }, () => Pipe({ capacity: 4096 }));
  onTestFinished(() => {
    for (const pair of pipes) for (const end of pair) end.close();
  });
  const ends = pipes.map(([, end]) => end);
  const waited = wait(ends);
  setImmediate(() => pipes[137]![0].sendSync(1));
  expect(await waited).toEqual([ends[137]]);
  expect(waitSync(ends)).toEqual([ends[137]]);
  ends[137]!.recvSync();
  expect(waitSync(ends, { timeout: 10 })).toEqual([]);
  for (const [first] of pipes) first.sendSync(1);
  expect(await wait(ends)).toEqual(ends);
});

test('a descriptor is only looked at: its owner may close it and watch it', async () => {
  const bell = testBell();
  const both = [wait([bell]), wait([bell])];
  setImmediate(() => ringDoorbell(bell));
  expect(await Promise.all(both)).toEqual([[bell], [bell]]);
});

test('waiting for nothing is refused without a time-out and a signal, and ends with them', async () => {
  const refusal = { code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining('no objects') };
  for (const options of [undefined, { timeout: Number.POSITIVE_INFINITY }]) {
    await expect(wait([], options)).rejects.toMatchObject(refusal);
    expect(() => waitSync([], options)).toThrow(expect.objectContaining(refusal));
  }
  expect([await wait([], { timeout: 5 }), waitSync([], { timeout: 5 })]).toEqual([[], []]);
  await expect(wait([], { signal: AbortSignal.timeout(5) })).rejects.toThrow(AbortError);
});
