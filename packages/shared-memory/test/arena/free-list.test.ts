import { describe, expect, test } from 'vitest';
import { FreeList } from '../../src/arena/free-list.ts';

const ROUNDS = Number(process.env.MP_FUZZ_ROUNDS ?? 20_000);

describe('the gaps of an arena', () => {
  test('the shortest gap that is long enough is taken', () => {
    const list = new FreeList(0, 1000);
    for (const length of [100, 10, 300, 10, 50, 10]) list.take(length);
    list.give(0, 100);
    list.give(110, 300);
    list.give(420, 50);
    expect(list.take(40)).toBe(420);
    expect(list.take(100)).toBe(0);
    expect(list.take(101)).toBe(110);
  });

  test('neighbours melt into one, before, behind and on both sides', () => {
    const list = new FreeList(0, 400);
    for (let i = 0; i < 4; i++) list.take(100);
    list.give(0, 100);
    list.give(100, 100);
    expect(list.gaps()).toEqual([[0, 200]]);
    list.give(300, 100);
    list.give(200, 100);
    expect(list.gaps()).toEqual([[0, 400]]);
  });

  test('there is nothing where no gap is long enough', () => {
    const list = new FreeList(64, 128);
    expect(list.take(65)).toBeUndefined();
    expect(list.take(64)).toBe(64);
    expect(list.take(1)).toBeUndefined();
    expect(new FreeList(64, 64).gaps()).toEqual([]);
  });

  test('under random use no two pieces overlap, nothing is lost, and everything comes together again', () => {
    let seed = 12_345;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const size = 4096;
    const list = new FreeList(0, size);
    const owner = new Int32Array(size);
    const taken: { start: number; length: number; id: number }[] = [];
    for (let id = 1; id <= ROUNDS; id++) {
      if (random(2) === 0) {
        const length = 1 + random(random(8) === 0 ? 1000 : 60);
        const start = list.take(length);
        if (start === undefined) {
          expect(list.gaps().every(([, gap]) => gap < length)).toBe(true);
          continue;
        }
        if (owner.subarray(start, start + length).some((by) => by !== 0)) throw new Error(`Round ${id}: it is taken`);
        owner.fill(id, start, start + length);
        taken.push({ start, length, id });
      } else if (taken.length > 0) {
        const [piece] = taken.splice(random(taken.length), 1);
        list.give(piece!.start, piece!.length);
        owner.fill(0, piece!.start, piece!.start + piece!.length);
      }
    }
    for (const { start, length } of taken) list.give(start, length);
    expect(list.gaps()).toEqual([[0, size]]);
  });
});
