import { expect, test } from 'vitest';
import { Arena } from '../../src/arena/arena.ts';
import { FIRST, FOR_EVER, SLOTS } from '../../src/arena/layout.ts';

test('with more holders than there are slots, a block is rather kept for ever than freed too early', () => {
  const arena = Arena.create(65_536);
  const { headers, slots } = arena;
  headers.create(FIRST, 8, 1, arena.slot);
  const others = Array.from({ length: SLOTS - 1 }, () => slots.claim());
  expect(new Set([arena.slot, ...others]).size).toBe(SLOTS);
  expect(slots.areScarce).toBe(true);
  for (const slot of others) headers.hold(FIRST, slot);
  expect(slots.claim()).toBe(FOR_EVER);
  headers.letGo(FIRST, arena.slot);
  for (const slot of others) {
    expect(headers.isUnused(FIRST)).toBe(false);
    headers.letGo(FIRST, slot);
    slots.free(slot);
  }
  expect(headers.isUnused(FIRST)).toBe(true);
  headers.hold(FIRST, FOR_EVER);
  headers.letGo(FIRST, FOR_EVER);
  expect(headers.isUnused(FIRST)).toBe(false);
  arena.closeIfUnused();
});

test('a block that is handed on while somebody looks whether it is used is used', () => {
  const arena = Arena.create(65_536);
  const { headers } = arena;
  headers.create(FIRST, 8, 1, 40);
  headers.depart(FIRST);
  expect(headers.isUnused(FIRST)).toBe(false);
  headers.letGo(FIRST, 40);
  expect(headers.isUnused(FIRST)).toBe(false);
  headers.hold(FIRST, 3);
  headers.arrive(FIRST);
  expect(headers.isUnused(FIRST)).toBe(false);
  headers.letGo(FIRST, 3);
  expect(headers.isUnused(FIRST)).toBe(true);
  arena.closeIfUnused();
});
