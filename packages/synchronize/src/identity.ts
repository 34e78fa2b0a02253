import type { Block } from '@mp/shared-memory/internal';

const objects = new WeakMap<Block, object>();

/** The object that lies in this memory, for {@link knownAt}. */
export function remember(block: Block, object: object): void {
  objects.set(block, object);
}

/** The object of this thread that lies in this memory: what comes back in a message is what was sent. */
export function knownAt<T extends object>(block: Block, Class: abstract new (...args: never[]) => T): T | undefined {
  const known = objects.get(block);
  return known?.constructor === Class ? (known as T) : undefined;
}
