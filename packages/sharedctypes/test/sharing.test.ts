import { setImmediate as turn } from 'node:timers/promises';
import { dumps, Pickler, PicklingError } from '@mp/reduction';
import { Block } from '@mp/shared-memory/internal';
import { Lock, OwnerDiedError, RLock } from '@mp/synchronize';
import { checkLeaks, until } from '@mp/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { copy, RawArray, RawValue, SharedArray, struct, synchronized, Value } from '../src/index.ts';
import { Peer } from './fixtures/peers.ts';

// Arenas live as long as the process, or until what is in them is collected.
beforeAll(() => Block.allocate(1).free());
checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept' }] });

const Point = struct({ x: 'd', y: 'd' });
const TIMES = Number(process.env.MP_INCREMENTS ?? 2000);

describe('in a message', () => {
  test('values, arrays, text and structures are the same memory on the other side', async () => {
    const peer = await Peer.start();
    const value = new RawValue('q', 5);
    const array = RawArray('d', [1, 2, 3]);
    const text = RawArray('c', 'hello');
    const wide = RawArray('u', 'hello');
    const point = new RawValue(Point, [1, 2]);
    const points = RawArray(Point, 2);
    expect((await peer.do<typeof value>('assign', value, 7n)).value).toBe(7n);
    const [name, arrived] = await peer.do<[string, typeof array]>('setIndex', array, 1, 0.5);
    expect([name, [...arrived], arrived.constructor]).toEqual(['SharedFloat64Array', [1, 0.5, 3], array.constructor]);
    expect((await peer.do<typeof text>('setText', text, 'yo')).value).toBe('yo');
    expect((await peer.do<typeof wide>('setText', wide, '日本')).value).toBe('日本');
    expect((await peer.do<typeof point>('setField', point, 'y', 9)).y).toBe(9);
    await peer.do('setField', points.get(1), 'x', 4);
    expect([value.value, array[1], text.value, wide.value, point.y, points.get(1).x]).toEqual([
      7n,
      0.5,
      'yo',
      '日本',
      9,
      4,
    ]);
  });

  test('so are parts of them', async () => {
    const peer = await Peer.start();
    const array = RawArray('d', [1, 2, 3]);
    const [, part] = await peer.do<[string, typeof array]>('setIndex', array.subarray(1), 1, 30);
    expect([[...part], [...array]]).toEqual([
      [2, 30],
      [1, 2, 30],
    ]);
  });

  test('those with a lock bring it along, and keep how they take numbers', async () => {
    const peer = await Peer.start();
    const value = new Value('b', 1, { wrap: true });
    expect((await peer.do<typeof value>('assign', value, 200)).update((n) => n + 1)).toBe(-55);
    expect(value.value).toBe(-55);
    const array = new SharedArray('B', [1, 2], { wrap: true });
    expect((await peer.do<typeof array>('setItem', array, -1, 257)).slice()).toEqual([1, 1]);
    const point = new Value(Point, [1, 2]);
    expect((await peer.do<typeof point>('setField', point, 'x', 5)).x).toBe(5);
    expect([array.get(-1), point.x]).toEqual([1, 5]);
  });

  test('a lock in two places of a message is one lock there', async () => {
    const peer = await Peer.start();
    const lock = new RLock();
    const [a, b] = [new Value('i', 0, { lock }), new Value('i', 0, { lock })];
    expect(await peer.do('same', a, lock)).toBe(true);
    expect(await peer.do('same', a, b.getLock())).toBe(true);
    expect(await peer.do('same', a, new RLock())).toBe(false);
  });

  test.each(['increment', 'incrementUnderLock', 'incrementAwaiting'] as const)(
    'several processes count exactly together by %s',
    async (how) => {
      const peers = await Promise.all([Peer.start(), Peer.start(), Peer.start()]);
      const counter = new Value('i', 0);
      await Promise.all(peers.map((peer) => peer.do('ready')));
      for (const peer of peers) peer.order(how, counter, TIMES);
      for (let i = 0; i < 100; i++) counter.update((n) => n + 1);
      await Promise.all(peers.map((peer) => peer.answer()));
      expect(counter.value).toBe(3 * TIMES + 100);
    },
  );

  test('a value whose lock was held by a process that was killed says so once, and works again', async () => {
    const peer = await Peer.start();
    const value = new Value('i', 7);
    const patient = new Value('i', 8, { lock: new RLock({ ownerDied: 'acquire' }) });
    await peer.do('lock', value);
    await peer.do('lock', patient);
    await peer.kill();
    expect(() => value.value).toThrow(OwnerDiedError);
    expect(value.value).toBe(7);
    value.value = 9;
    expect(patient.value).toBe(8);
  });

  test('memory lives as long as anybody has it, and no longer', async () => {
    const before = Block.statistics().blocks;
    const peer = await Peer.start();
    await (async () => {
      const array = RawArray('d', 1000);
      await peer.do('hold', array, new Value('i', 3), array.subarray(3));
    })();
    const left = async (blocks: number): Promise<boolean> => {
      globalThis.gc?.();
      await turn();
      return Block.statistics().blocks <= before + blocks;
    };
    // The array, the value, and its lock.
    expect(await until(() => left(3))).toBe(true);
    expect(Block.statistics().blocks).toBe(before + 3);
    await peer.kill();
    expect(await until(() => left(0))).toBe(true);
  });
});

describe('pickling', () => {
  test('needs a transport that carries descriptors', () => {
    for (const value of [new Value('i'), RawArray('i', 1), new RawValue(Point)]) {
      expect(() => dumps(value)).toThrow(PicklingError);
    }
  });

  test('copies ordinary typed arrays, also those that shared ones have made', () => {
    expect(new Pickler().pickle(RawArray('i', 3).slice()).descriptors).toEqual([]);
    expect(new Pickler().pickle(RawArray('i', 3)).descriptors.length).toBeGreaterThan(0);
  });

  test('of a thousand values costs few descriptors', () => {
    const lock = new Lock();
    const values = Array.from({ length: 1000 }, (_, i) => new Value('i', i, { lock }));
    expect(new Pickler().pickle(values).descriptors.length).toBeLessThan(5);
    expect(copy(synchronized(RawArray('i', [1]))).length).toBe(1);
  });
});
