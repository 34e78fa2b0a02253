import { setImmediate as turn } from 'node:timers/promises';
import { closeDescriptor, duplicateDescriptor } from '@mp/native';
import { dumps, Pickler, PicklingError, Unpickler, UnpicklingError } from '@mp/reduction';
import { checkLeaks, until } from '@mp/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { Block } from '../../src/internal.ts';
import { Peer, startMethods } from '../fixtures/peers.ts';

// One empty arena is kept for the next block, and lives as long as the process.
beforeAll(() => Block.allocate(1).free());
checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept' }] });

async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await turn();
    globalThis.gc?.();
  }
  await turn();
}

/** How many of the blocks of this process are not free. */
const blocks = (): number => Block.statistics().blocks;

const nothingLeft = (): Promise<unknown> => until(() => blocks() === 0, { what: 'all blocks to be free' });

describe.each(startMethods)('%s: a block in a message', (method) => {
  const start = (): Peer => new Peer(method);

  test('is the same memory on the other side', async () => {
    const peer = start();
    const block = Block.allocate(8);
    for (let i = 0; i < 10; i++) expect(await peer.do('add', block, 3)).toBe(i * 3);
    expect(block.int32()[0]).toBe(30);
    block.free();
    await peer.do('forget');
    await nothingLeft();
  });

  test('is the same object there however often it comes, and here when it comes back', async () => {
    const peer = start();
    const block = Block.allocate(8);
    await peer.do('hold', block);
    expect(await peer.do('same', block, block)).toBe(true);
    expect(await peer.do('back')).toBe(block);
    expect(await peer.do('mapped')).toBe(1);
    block.free();
    await peer.do('forget');
    await nothingLeft();
  });

  test('stays when its sender has let go, until the receiver has', async () => {
    const peer = start();
    const block = Block.allocate(8);
    block.int32()[0] = 5;
    await peer.do('hold', block);
    block.free();
    const others = Array.from({ length: 100 }, () => Block.allocate(8));
    expect(blocks()).toBe(101);
    for (const other of others) other.int32().fill(-1);
    expect(await peer.do('addHeld', 1)).toEqual([5]);
    for (const other of others) other.free();
    expect(await peer.do('forget')).toBe(0);
    await nothingLeft();
  });

  test('stays while nobody has read the message', async () => {
    const peer = start();
    const block = Block.allocate(8);
    block.int32()[0] = 5;
    // The peer reads when it has started; nobody holds the block until then.
    peer.order('hold', block);
    block.free();
    await turn();
    const others = Array.from({ length: 1000 }, () => Block.allocate(8));
    for (const other of others) other.int32().fill(-1);
    expect(await peer.answer()).toBe(1);
    expect(await peer.do('addHeld', 1)).toEqual([5]);
    for (const other of others) other.free();
    await peer.kill();
    await nothingLeft();
  });

  test('is freed when its receiver is killed', async () => {
    const peer = start();
    const block = Block.allocate(8);
    await peer.do('hold', block);
    block.free();
    expect(blocks()).toBe(1);
    await peer.kill();
    await nothingLeft();
  });

  test('is freed when its receiver is killed before it has read the message', async () => {
    const peer = start();
    await peer.do('mapped');
    peer.process.kill('SIGSTOP');
    for (let i = 0; i < 20; i++) {
      const block = Block.allocate(8);
      peer.order('hold', block);
      block.free();
      await turn();
    }
    expect(blocks()).toBe(20);
    await peer.kill();
    peer.mail.close();
    await nothingLeft();
  });

  test('that another process made lives on when that is killed', async () => {
    const peer = start();
    const block = await peer.do<Block>('make', 100_000);
    await peer.kill();
    expect(block.uint8().every((byte) => byte === 7)).toBe(true);
    block.uint8().fill(8);
    block.free();
  });

  test('that another process made can be sent on to a third', async () => {
    const [maker, user] = [start(), start()];
    const block = await maker.do<Block>('make', 8);
    expect(await user.do('add', block, 1)).toBe(0x07070707);
    await maker.do('forget');
    await user.do('hold', block);
    block.free();
    await collectGarbage();
    expect(await user.do('addHeld', 1)).toEqual([0x07070708]);
    await maker.do('forget');
    expect(await maker.do('blocks')).toBe(1);
    await user.kill();
    expect(await maker.do('blocks')).toBe(0);
  });

  test('may be one of many thousands in it, with three descriptors in all', async () => {
    const peer = start();
    const many = Array.from({ length: 1000 }, () => Block.allocate(8));
    const arenas = new Set(many.map((block) => new Pickler().pickle(block).descriptors[0]));
    const { descriptors } = new Pickler().pickle(many);
    expect(descriptors.length).toBe(arenas.size + 1);
    expect(await peer.do('hold', ...many)).toBe(1000);
    await peer.do('addHeld', 1);
    expect(many.every((block) => block.int32()[0] === 1)).toBe(true);
    for (const block of many) block.free();
    expect(await peer.do('forget')).toBe(0);
    await nothingLeft();
  });

  test('comes back while its arena is kept only by what was sent', async () => {
    const peer = start();
    const block = await peer.do<Block>('make', 8);
    // Held by the message alone, which arrives at the very moment when the answer is decoded.
    peer.order('echo', block);
    block.free();
    await turn();
    const back = await peer.answer<Block>();
    expect(back.int32()[0]).toBe(0x07070707);
    back.free();
  });

  test('survives that dozens of holders come and are killed', async () => {
    const block = Block.allocate(8);
    for (let i = 0; i < 3; i++) {
      const peers = Array.from({ length: 3 }, start);
      await Promise.all(peers.map((peer) => peer.do('hold', block)));
      await Promise.all(peers.map((peer) => peer.do('addHeld', 1)));
      await Promise.all(peers.map((peer) => peer.kill()));
    }
    expect(block.int32()[0]).toBe(9);
    block.free();
    await nothingLeft();
  });
});

describe('what is refused', () => {
  /** Decodes a pickle of a block after `change` has damaged what stands in it. */
  function receive(value: unknown, change: (message: Buffer) => void = () => {}): unknown {
    const { bytes, start, end, descriptors } = new Pickler().pickle(value).detach();
    change(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const incoming = {
      bytes,
      start,
      end,
      descriptors: descriptors.map(duplicateDescriptor),
      unclaimed: [] as number[],
    };
    try {
      return new Unpickler().finish(incoming);
    } finally {
      for (const descriptor of incoming.unclaimed) closeDescriptor(descriptor);
    }
  }

  test('a message that was damaged is an error or another block, and never memory that is none', () => {
    const block = Block.allocate(8);
    const { length } = new Pickler().pickle(block).detach().bytes;
    for (let at = 0; at < length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xcd, 0xff]) {
        try {
          const received = receive(block, (bytes) => bytes.writeUInt8(value, at));
          if (received instanceof Block) expect(received.buffer.byteLength).toBe(received.bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UnpicklingError);
        }
      }
    }
    block.free();
  });

  test('a block that was freed cannot be sent', () => {
    const block = Block.allocate(8);
    block.free();
    expect(() => new Pickler().pickle(block)).toThrow(PicklingError);
    expect(() => new Pickler().pickle(block)).toThrow(/was freed/);
  });

  test('a block without a transport that carries descriptors', () => {
    const block = Block.allocate(8);
    expect(() => dumps(block)).toThrow(PicklingError);
    block.free();
  });
});
