/**
 * Random numbers that were drawn in advance. Without this a parent and all of its children would make the same UUIDs.
 *
 * @module
 */
import { closedOver } from './closed-over.ts';

/** How many UUIDs node:crypto draws at once; and how many integers, at the most. */
const UUIDS_IN_STOCK = 128;
const INTEGERS_IN_STOCK = 1024;

/** The bytes that `randomInt` makes its integers of; undefined: not looked for yet, null: not found. */
let integers: Uint8Array | null | undefined;

const isCryptoLoaded = (): boolean =>
  (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList?.includes(
    'NativeModule internal/crypto/random',
  ) ?? true;

/** In the parent, so that all of its children know. */
export function findStock(): void {
  if (integers !== undefined || !isCryptoLoaded()) return;
  const found = closedOver(process.getBuiltinModule('node:crypto').randomInt, 'randomCache');
  integers = found instanceof Uint8Array ? found : null;
}

/** In the child: whatever the parent had in stock is used up, or replaced. */
export function drawAnew(): void {
  renewMathRandom();
  if (!isCryptoLoaded()) return;
  const { randomFillSync, randomInt, randomUUID } = process.getBuiltinModule('node:crypto');
  for (let i = 0; i < UUIDS_IN_STOCK; i++) randomUUID();
  if (integers) randomFillSync(integers);
  else for (let i = 0; i < INTEGERS_IN_STOCK; i++) randomInt(2);
}

/**
 * The state of Math.random belongs to the realm, and another realm has another one. It is made by the first who asks,
 * which takes a millisecond. (Who has taken `const { random } = Math` before the fork draws the numbers that the parent
 * draws.)
 */
function renewMathRandom(): void {
  const descriptor = Object.getOwnPropertyDescriptor(Math, 'random');
  if (descriptor?.writable !== true) return;
  Math.random = function random(): number {
    const fresh = process.getBuiltinModule('node:vm').runInNewContext('Math.random') as () => number;
    if (Math.random === random) Math.random = fresh;
    return fresh();
  };
}
