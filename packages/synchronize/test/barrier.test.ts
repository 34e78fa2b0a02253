import { AbortError } from '@mp/errors';
import { until } from '@mp/testing';
import { describe, expect, test } from 'vitest';
import { Barrier, BrokenBarrierError } from '../src/index.ts';
import { forms, outcome } from './fixtures/forms.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { startPeer } from './fixtures/peers.ts';

checkMemoryLeaks();

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each(forms)('a barrier, $name form:', ({ pass }) => {
  test('parties of several processes pass together, again and again, each with another number', async () => {
    const rounds = 50;
    const barrier = new Barrier(3);
    const peers = [true, false].map((sync) => startPeer('pass', [barrier, rounds, sync]));
    const ours: number[] = [];
    for (let i = 0; i < rounds; i++) ours.push(await pass(barrier));
    const all = [ours.map(String)];
    for (const peer of peers) all.push((await peer.ended).stdout.trim().split('\n'));
    for (let i = 0; i < rounds; i++) expect(all.map((each) => each[i]).sort()).toEqual(['0', '1', '2']);
    expect(barrier.nWaiting).toBe(0);
    expect(barrier.broken).toBe(false);
  });

  test('a killed party breaks it for the others', async () => {
    const barrier = new Barrier(3);
    const killed = startPeer('pass', [barrier, 1, true]);
    await until(() => barrier.nWaiting === 1, { limit: 60_000 });
    killed.kill();
    await killed.ended;
    expect(await outcome(pass(barrier))).toBeInstanceOf(BrokenBarrierError);
    expect(barrier.broken).toBe(true);
    barrier.reset();
    expect(barrier.broken).toBe(false);
    expect(barrier.nWaiting).toBe(0);
  });

  test('nobody passes together with the dead, though all have come', async () => {
    const barrier = new Barrier(2);
    const killed = startPeer('pass', [barrier, 1, true]);
    await until(() => barrier.nWaiting === 1, { limit: 60_000 });
    killed.kill();
    await killed.ended;
    expect(await outcome(pass(barrier, { timeout: 0 }))).toBeInstanceOf(BrokenBarrierError);
  });

  test('who is late breaks it', async () => {
    for (const timeout of [-1, 0, 5]) {
      const barrier = new Barrier(2);
      expect(await outcome(pass(barrier, { timeout }))).toBeInstanceOf(BrokenBarrierError);
      expect(barrier.broken).toBe(true);
      expect(await outcome(pass(barrier))).toMatchObject({ code: 'ERR_MP_BROKEN_BARRIER' });
      expect(barrier.nWaiting).toBe(0);
    }
    expect(await outcome(new Barrier(2, { timeout: 1 }).wait())).toBeInstanceOf(BrokenBarrierError);
    expect(() => new Barrier(2, { timeout: 1 }).waitSync()).toThrow(BrokenBarrierError);
  });

  test('abort breaks it for a process that waits, and reset makes it as new', async () => {
    const barrier = new Barrier(2);
    const first = startPeer('pass', [barrier, 1, true]);
    await until(() => barrier.nWaiting === 1, { limit: 60_000 });
    barrier.abort();
    barrier.abort();
    await first.says('ERR_MP_BROKEN_BARRIER');
    expect(String(barrier)).toBe('<Barrier(broken, parties=2)>');
    barrier.reset();
    const second = startPeer('pass', [barrier, 1, false]);
    expect([0, 1]).toContain(await pass(barrier));
    await second.says(/[01]/);
  });

  test('reset breaks it only for those who wait', async () => {
    const barrier = new Barrier(2);
    const first = startPeer('pass', [barrier, 1, false]);
    await until(() => barrier.nWaiting === 1, { limit: 60_000 });
    barrier.reset();
    await first.says('ERR_MP_BROKEN_BARRIER');
    startPeer('pass', [barrier, 1, true]);
    expect([0, 1]).toContain(await pass(barrier));
  });

  test('the last party runs the action, before anybody passes', async () => {
    let waiting = 0;
    const barrier: Barrier = new Barrier(2, { action: () => (waiting = barrier.nWaiting) });
    const other = barrier.wait();
    await pass(barrier);
    await other;
    expect(waiting).toBe(2);
  });

  test('what the action throws is thrown there, and the barrier is broken for the others', async () => {
    const error = new Error('mine');
    const barrier = new Barrier(2, {
      action: () => {
        throw error;
      },
    });
    const other = outcome(barrier.wait());
    expect(await outcome(pass(barrier))).toBe(error);
    expect(await other).toBeInstanceOf(BrokenBarrierError);
    expect(barrier.nWaiting).toBe(0);
  });
});

test('many tasks of one process are parties as well', async () => {
  const barrier = new Barrier(500);
  for (let round = 0; round < 3; round++) {
    const all = await Promise.all(numbers(500).map(() => barrier.wait()));
    expect(all.sort((a, b) => a - b)).toEqual(numbers(500));
  }
});

test('more tasks than parties: each passes in some round', async () => {
  const barrier = new Barrier(3);
  const all = await Promise.all(numbers(300).map(() => barrier.wait()));
  for (const number of numbers(3)) expect(all.filter((each) => each === number)).toHaveLength(100);
});

test('an action may return a promise; who comes meanwhile is of the next round', async () => {
  const gate = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => gate.promise });
  const first = [barrier.wait(), barrier.wait()];
  const second = [barrier.wait(), barrier.wait()];
  await until(() => barrier.nWaiting === 2);
  gate.resolve();
  expect((await Promise.all(first)).sort()).toEqual([0, 1]);
  expect((await Promise.all(second)).sort()).toEqual([0, 1]);
});

test('abort ends also the party that runs the action', async () => {
  const gate = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => gate.promise });
  const both = [outcome(barrier.wait()), outcome(barrier.wait())];
  barrier.abort();
  expect(await both[0]).toBeInstanceOf(BrokenBarrierError);
  gate.resolve();
  expect(await both[1]).toBeInstanceOf(BrokenBarrierError);
});

test('the blocking form refuses an action that returns a promise', async () => {
  const barrier = new Barrier(1, { action: async () => 1 });
  expect(() => barrier.waitSync()).toThrow(TypeError);
  expect(barrier.broken).toBe(true);
  barrier.reset();
  expect(await barrier.wait()).toBe(0);
});

test('a signal ends the wait, and breaks it for the others', async () => {
  const barrier = new Barrier(3);
  const controller = new AbortController();
  const aborted = outcome(barrier.wait({ signal: controller.signal }));
  const other = outcome(barrier.wait());
  controller.abort();
  expect(await aborted).toBeInstanceOf(AbortError);
  expect(await other).toBeInstanceOf(BrokenBarrierError);
  barrier.reset();
  expect(await outcome(barrier.wait({ signal: controller.signal }))).toBeInstanceOf(AbortError);
  expect(barrier.broken).toBe(false);
  expect(String(barrier)).toBe('<Barrier(waiting=0, parties=3)>');
});

test('one party alone passes at once', async () => {
  const barrier = new Barrier(1);
  expect([await barrier.wait({ timeout: 0 }), barrier.waitSync()]).toEqual([0, 0]);
});

test('wrong arguments are refused', async () => {
  for (const parties of [0, -1, 1.5, Number.NaN, 1e9, '2']) {
    expect(() => new Barrier(parties as number)).toThrow(RangeError);
  }
  expect(() => new Barrier(2, { action: 'go' as never })).toThrow(TypeError);
  expect(() => new Barrier(2, { timeout: Number.NaN })).toThrow(TypeError);
  expect(await outcome(new Barrier(2).wait({ timeout: Number.NaN }))).toBeInstanceOf(TypeError);
});
