import { closeDescriptor, duplicateDescriptor } from '@mp/native';
import { Pickler, Unpickler } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { beforeAll, expect, test, vi } from 'vitest';
import { Block } from '../../src/internal.ts';

// One empty arena is kept for the next block, and lives as long as the process.
beforeAll(() => Block.allocate(1).free());
checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept' }] });

/** Sends a value to this very process, as a transport does: the descriptors are duplicated at once. */
function send(value: unknown): () => unknown {
  const pickle = new Pickler().pickle(value);
  const { bytes, start, end } = pickle.detach();
  const descriptors = pickle.descriptors.map(duplicateDescriptor);
  return () => {
    const incoming = { bytes, start, end, descriptors, unclaimed: [] as number[] };
    try {
      return new Unpickler().finish(incoming);
    } finally {
      for (const fd of incoming.unclaimed) closeDescriptor(fd);
    }
  };
}

test('a thread that never turns its event loop learns nevertheless what has arrived, and frees it', () => {
  const clock = vi.spyOn(performance, 'now');
  try {
    let now = 1_000_000;
    clock.mockImplementation(() => now);
    let most = 0;
    for (let i = 0; i < 200; i++) {
      // As long as time stands still messages share a token; a second later they have another.
      now += i % 3 === 0 ? 700 : 0;
      const blocks = Array.from({ length: 3 }, () => Block.allocate(8));
      const receive = send([...blocks, 'and', blocks[0]]);
      blocks[1]!.free();
      const received = receive() as Block[];
      expect([received[0], received[2], received[4]]).toEqual([blocks[0], blocks[2], blocks[0]]);
      for (const block of new Set([...blocks, received[1]!])) block.free();
      most = Math.max(most, Block.statistics().blocks);
    }
    expect(most).toBeLessThan(50);
  } finally {
    clock.mockRestore();
  }
});

test('time that passes in the midst of a message does not change its token', () => {
  const clock = vi.spyOn(performance, 'now');
  try {
    let now = 2_000_000;
    clock.mockImplementation(() => now);
    const [a, b] = [Block.allocate(8), Block.allocate(8)];
    const slow = {
      a,
      get wait() {
        now += 5000;
        return 'for ever';
      },
      b,
    };
    const receive = send(slow);
    const later = send(b);
    for (const block of [a, b]) block.free();
    const received = receive() as { a: Block; b: Block };
    expect([received.a.bytes, received.b.bytes]).toEqual([8, 8]);
    expect(later()).toBe(received.b);
    received.a.free();
    received.b.free();
  } finally {
    clock.mockRestore();
  }
});
