import { setImmediate as turn } from 'node:timers/promises';
import { checkLeaks, until } from '@mp/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { Block } from '../../src/internal.ts';
import { Peer, startMethods } from '../fixtures/peers.ts';

const SECONDS = Number(process.env.MP_KILL_SECONDS ?? 5);

beforeAll(() => Block.allocate(1).free());
checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept' }] });

/** Numbers that are the same in each run, for a seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

describe.each(startMethods)('%s: while holders are killed at any moment', (method) => {
  const limit = SECONDS * 1000 + 180_000;

  test('no block that somebody uses is ever given to somebody else, and in the end all are free', {
    timeout: limit,
  }, async () => {
    const random = randomNumbers(Number(process.env.MP_SEED ?? 4711));
    const end = performance.now() + SECONDS * 1000;
    const ours = new Map<number, Block>();
    /** What each peer must still have. */
    let peers = Array.from({ length: 3 }, () => ({ peer: new Peer(method), held: new Set<number>() }));
    let mark = 0;
    let kills = 0;
    const take = (block: Block, as: number): void => {
      block.int32().fill(as);
      ours.set(as, block);
    };
    const lookAtOurs = (): void => {
      for (const [as, block] of ours) {
        if (block.int32().some((word) => word !== as)) throw new Error(`Block ${as} has ${block.int32()[0]} in it`);
      }
    };
    while (performance.now() < end || kills === 0) {
      const someone = peers[random(peers.length)]!;
      switch (random(10)) {
        case 0:
        case 1:
        case 2:
          for (let i = random(20); i >= 0; i--)
            take(Block.allocate(4 + 4 * random(random(5) === 0 ? 5000 : 30)), ++mark);
          break;
        case 3:
        case 4:
          for (const [as, block] of ours) {
            if (random(3) !== 0) continue;
            block.free();
            ours.delete(as);
          }
          break;
        case 5:
        case 6: {
          // Sent, and let go of before anybody has read it.
          const some = [...ours].filter(() => random(4) === 0);
          someone.peer.order('hold', ...some.map(([, block]) => block));
          for (const [as, block] of some) {
            someone.held.add(as);
            if (random(2) === 0) continue;
            block.free();
            ours.delete(as);
          }
          await someone.peer.answer();
          break;
        }
        case 7: {
          const [wrong, held] = await someone.peer.do<[number, number[]]>('check');
          expect(wrong).toBe(0);
          for (const as of held) expect(someone.held.has(as), `${as} was never sent there`).toBe(true);
          someone.held = new Set(held);
          break;
        }
        case 8: {
          const block = await someone.peer.do<Block>('makeAndHold', ++mark, 4 + 4 * random(200));
          ours.set(mark, block);
          someone.held.add(mark);
          break;
        }
        default: {
          if (random(4) !== 0) break;
          kills++;
          // It may be in the midst of reading, or have not read yet.
          someone.peer.order('hold', ...[...ours.values()].slice(0, 20));
          if (random(2) === 0) await turn();
          await someone.peer.kill();
          someone.peer.mail.close();
          peers = peers.filter((each) => each !== someone);
          peers.push({ peer: new Peer(method), held: new Set() });
        }
      }
      lookAtOurs();
    }
    expect(kills).toBeGreaterThan(0);
    for (const { peer } of peers) await peer.kill();
    for (const { peer } of peers) peer.mail.close();
    lookAtOurs();
    for (const block of ours.values()) block.free();
    await until(() => Block.statistics().blocks === 0, { what: 'all blocks to be free' });
  });
});
