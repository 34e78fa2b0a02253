import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { ClosedError } from '@mp/errors';
import { checkLeaks, until } from '@mp/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { Block } from '../../src/internal.ts';

// One empty arena is kept for the next block, and lives as long as the process.
beforeAll(() => Block.allocate(1).free());
checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept' }] });

const KIB = 1024;

/** Arenas of this process, as the system sees them. */
const mapped = (): number =>
  readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('memfd:mp-arena')).length;

async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await turn();
    globalThis.gc?.();
  }
  await turn();
}

describe('a block', () => {
  test('is zero, of the size that was asked for, and an ArrayBuffer of its own', () => {
    const block = Block.allocate(13);
    expect([block.bytes, block.buffer.byteLength, block.offset]).toEqual([13, 13, 0]);
    expect([...block.uint8()]).toEqual(new Array(13).fill(0));
    expect(block.int32().length).toBe(3);
    expect(Block.of(block.buffer)).toBe(block);
    expect(Block.of(new ArrayBuffer(1))).toBeUndefined();
    block.free();
  });

  test('overlaps no other', () => {
    const blocks = Array.from({ length: 300 }, (_, i) => Block.allocate(1 + (i % 90)));
    for (const [i, block] of blocks.entries()) block.uint8().fill(i % 251);
    for (const [i, block] of blocks.entries()) {
      expect(block.uint8().every((byte) => byte === i % 251)).toBe(true);
    }
    for (const block of blocks) block.free();
  });

  test('can be used for Atomics of every width', () => {
    const block = Block.allocate(8);
    expect(Atomics.add(new BigInt64Array(block.buffer), 0, 5n)).toBe(0n);
    expect(Atomics.load(block.int32(), 0)).toBe(5);
    block.free();
  });

  test('is zero again when its memory was used before', () => {
    for (const bytes of [20, 200 * KIB]) {
      const first = Block.allocate(bytes);
      first.uint8().fill(255);
      first.free();
      const second = Block.allocate(bytes);
      expect(second.uint8().every((byte) => byte === 0)).toBe(true);
      second.free();
    }
  });

  test.each([0, -1, 1.5, Number.NaN, '8', undefined])('of %s bytes is refused', (bytes) => {
    expect(() => Block.allocate(bytes as number)).toThrow(RangeError);
  });

  test('that was freed is used no more: its arrays are empty, new ones are refused, and again is no harm', () => {
    const block = Block.allocate(8);
    const words = block.int32();
    block.free();
    block.free();
    expect(words.length).toBe(0);
    expect(() => block.int32()).toThrow(ClosedError);
    expect(() => block.uint8()).toThrow(/free\(\)/);
  });

  test('ends with its scope', () => {
    const block = Block.allocate(8);
    block[Symbol.dispose]();
    expect(block.buffer.byteLength).toBe(0);
  });
});

describe('memory', () => {
  test('of a block that was collected is used again', async () => {
    const before = Block.statistics().blocks;
    (() => Block.allocate(100))();
    expect(Block.statistics().blocks).toBe(before + 1);
    await until(async () => {
      await collectGarbage();
      return Block.statistics().blocks === before;
    });
  });

  test('stays while only a typed array is left of the block', async () => {
    const before = Block.statistics().blocks;
    let words: Int32Array | undefined = (() => Block.allocate(100).int32())();
    await collectGarbage();
    expect(Block.statistics().blocks).toBe(before + 1);
    expect(words.length).toBe(25);
    words = undefined;
    await until(async () => {
      await collectGarbage();
      return Block.statistics().blocks === before;
    });
  });

  test('grows by arenas, whose number stays small, and which go back when they are empty', () => {
    const blocks = Array.from({ length: 10_000 }, () => Block.allocate(1000));
    expect(mapped()).toBeLessThan(12);
    for (const block of blocks) block.free();
    expect(Block.statistics().blocks).toBe(0);
    expect(Block.statistics().arenas).toBe(1);
  });

  test('of a large block is an arena of its own, which goes back at once', () => {
    const { arenas } = Block.statistics();
    const block = Block.allocate(8 << 20);
    block.uint8()[(8 << 20) - 1] = 1;
    expect(Block.statistics().arenas).toBe(arenas + 1);
    block.free();
    expect(Block.statistics().arenas).toBe(arenas);
  });

  test('under random use is never given twice', () => {
    let seed = 99;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const blocks: { block: Block; mark: number }[] = [];
    for (let round = 0; round < 5_000; round++) {
      if (random(5) < 3) {
        const block = Block.allocate(1 + random(random(20) === 0 ? 300 * KIB : 300));
        if (block.uint8()[0] !== 0 || block.uint8().at(-1) !== 0) throw new Error('It is not zero');
        const mark = 1 + random(255);
        block.uint8()[0] = mark;
        block.uint8()[block.bytes - 1] = mark;
        blocks.push({ block, mark });
      } else if (blocks.length > 0) {
        const [{ block, mark } = blocks[0]!] = blocks.splice(random(blocks.length), 1);
        expect([block.uint8()[0], block.uint8().at(-1)]).toEqual([mark, mark]);
        block.free();
      }
    }
    for (const { block, mark } of blocks) {
      expect(block.uint8()[0]).toBe(mark);
      block.free();
    }
    expect(Block.statistics()).toMatchObject({ blocks: 0, usedBytes: 0 });
  });
});

test('the ArrayBuffer of a block cannot be transferred: the memory would be freed under the new one', () => {
  const block = Block.allocate(16);
  const buffer = block.buffer as ArrayBuffer & { transfer(): unknown; transferToFixedLength(): unknown };
  expect(() => buffer.transfer()).toThrow(TypeError);
  expect(() => buffer.transferToFixedLength()).toThrow('slice()');
  expect(() => structuredClone(buffer, { transfer: [buffer] })).toThrow();
  expect([buffer.byteLength, buffer.slice(0, 4).byteLength]).toEqual([16, 4]);
  block.free();
  expect(buffer.byteLength).toBe(0);
});
