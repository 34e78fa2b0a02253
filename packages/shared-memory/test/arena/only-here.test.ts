import { checkLeaks, until } from '@mp/testing';
import { beforeAll, expect, test } from 'vitest';
import { Block } from '../../src/internal.ts';
import { Peer } from '../fixtures/peers.ts';

// One empty arena is kept for the next block, and lives as long as the process.
beforeAll(() => Block.allocate(1).free());
checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept' }] });

const onlyHere = (block: Block): Promise<unknown> => until(() => block.isOnlyHere, { what: 'nobody else to have it' });

test('a new block is only here, and one that was sent is not, until it has been let go of there', async () => {
  const [block, other] = [Block.allocate(8), Block.allocate(8)];
  expect(block.isOnlyHere).toBe(true);
  const peer = new Peer('spawn');
  peer.order('hold', block);
  // On its way.
  expect(block.isOnlyHere).toBe(false);
  await peer.answer();
  expect([block.isOnlyHere, other.isOnlyHere]).toEqual([false, true]);
  await peer.do('forget');
  await onlyHere(block);
});

test('a block that others had is only here when they were killed', async () => {
  const block = Block.allocate(8);
  const peers = [new Peer('spawn'), new Peer('spawn')];
  for (const peer of peers) await peer.do('hold', block);
  await peers[0]?.kill();
  expect(block.isOnlyHere).toBe(false);
  await peers[1]?.kill();
  await onlyHere(block);
});
