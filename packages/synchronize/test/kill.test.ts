import { setTimeout as pause } from 'node:timers/promises';
import { Block } from '@mp/shared-memory/internal';
import type { RunningNode } from '@mp/testing';
import { expect, test } from 'vitest';
import { Barrier, Condition, Event, Lock, OwnerDiedError, RLock, Semaphore } from '../src/index.ts';
import { checkMemoryLeaks } from './fixtures/leaks.ts';
import { startPeer } from './fixtures/peers.ts';

checkMemoryLeaks();

const SECONDS = Number(process.env.MP_KILL_SECONDS ?? 16);

test(
  'processes that lock, wait and notify are killed at random moments, and nobody hangs or miscounts',
  async () => {
    const memory = [1, 2, 3].map(() => Block.allocate(64));
    const counters = memory.map((block) => block.int32());
    const [ofLock, ofRLock, ofCondition] = counters as [Int32Array, Int32Array, Int32Array];
    const lock = new Lock();
    const rlock = new RLock();
    const condition = new Condition();
    const semaphore = new Semaphore(1_000_000);
    const event = new Event();
    const barrier = new Barrier(2);
    const things = [lock, rlock, semaphore, condition, event, barrier, memory];
    let deaths = 0;
    let over = false;
    const peers: RunningNode[] = [];
    /** Lets one process follow the other. */
    const dynasty = async (place: number): Promise<void> => {
      while (!over) {
        const peer = startPeer('storm', things);
        peers[place] = peer;
        const { signal, stderr } = await peer.ended;
        expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
        deaths++;
      }
    };
    const all = Promise.all([0, 1, 2, 3].map(dynasty));
    const end = performance.now() + SECONDS * 1000;
    const countRepairs = (): number => counters.reduce((sum, words) => sum + (words[2] as number), 0);
    // Or longer: until so much has happened that the test has shown something.
    while (performance.now() < end || deaths <= 5 || countRepairs() === 0) {
      const peer = peers[Math.floor(Math.random() * peers.length)] as RunningNode;
      await Promise.race([peer.says('storming'), all]).catch(() => {});
      // A random moment is what this test is about.
      await pause(Math.random() * 300);
      peer.kill();
    }
    over = true;
    for (const peer of peers) peer.kill();
    await all;
    expect(deaths).toBeGreaterThan(5);
    const repairs = countRepairs();
    expect(repairs).toBeGreaterThan(0);
    if (process.env.MP_KILL_SECONDS !== undefined) console.log({ deaths, repairs, counters: counters.map(String) });

    // Nobody holds anything who lives; whoever comes gets it, and finds every counter whole, or is told.
    const locks = [lock, rlock, condition] as const;
    for (const [i, words] of [ofLock, ofRLock, ofCondition].entries()) {
      const one = locks[i] as Lock;
      let torn = false;
      try {
        expect(await one.acquire({ timeout: 50_000 })).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(OwnerDiedError);
        torn = true;
      }
      if (!torn) expect([words[0], words[1]]).toEqual([words[3], words[3]]);
      expect(words[1]).toBeGreaterThan(0);
      one.release();
    }
    condition.withLockSync(() => expect(condition.notifyAll()).toBe(0));
    event.set();
    expect(await event.wait({ timeout: 0 })).toBe(true);
    barrier.abort();
    barrier.reset();
    const both = await Promise.all([barrier.wait({ timeout: 50_000 }), barrier.wait({ timeout: 50_000 })]);
    expect(both.sort()).toEqual([0, 1]);
    const lost = 1_000_000 - semaphore.getValue();
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(deaths);
  },
  SECONDS * 1000 + 180_000,
);
