/**
 * Random numbers that were drawn in advance. Without this a parent and all of its children would make the same UUIDs.
 *
 * @module
 */

/** How many UUIDs, and how many integers, node:crypto draws at once; half of the integers' bytes would do. */
const UUIDS_IN_STOCK = 128;
const INTEGERS_IN_STOCK = 1024;

/** In the child: whatever the parent had in stock is used up. */
export function drawAnew(): void {
  renewMathRandom();
  const loaded = (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList;
  if (loaded !== undefined && !loaded.includes('NativeModule internal/crypto/random')) return;
  const { randomUUID, randomInt } = process.getBuiltinModule('node:crypto');
  for (let i = 0; i < UUIDS_IN_STOCK; i++) randomUUID();
  for (let i = 0; i < INTEGERS_IN_STOCK; i++) randomInt(2);
}

/**
 * The state of Math.random belongs to the realm, and another realm has another one. It is made by the first who asks.
 * (Who has taken `const { random } = Math` before the fork draws the numbers that the parent draws.)
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
