/**
 * Who owns an {@link RLock} within a thread. In shared memory it is a number, beside the thread.
 *
 *     0      the thread itself: whoever acquires outside of any context
 *     n > 0  an async context that withLock() has opened, or a token of the user
 *
 * Contexts are nested: what one of them holds, those within it hold, too; and all of them what the thread holds.
 *
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** For whom an `RLock` is acquired or released. */
export interface OwnerOption {
  /** Any object; the same one acquires again and releases. Default: the async context, see `RLock`. */
  readonly owner?: object | undefined;
}

export interface Owner {
  readonly id: number;
  readonly parent: Owner | undefined;
}

const LARGEST = 0x7fff_ffff;

const thread: Owner = { id: 0, parent: undefined };
const contexts = new AsyncLocalStorage<Owner>();
const tokens = new WeakMap<object, Owner>();
let count = 0;

function newOwner(parent: Owner | undefined): Owner {
  count = count === LARGEST ? 1 : count + 1;
  return { id: count, parent };
}

/** The owner that a token stands for; without one, the running async context. */
export function ownerOf(token: object | undefined): Owner {
  if (token === undefined) return contexts.getStore() ?? thread;
  if ((typeof token !== 'object' && typeof token !== 'function') || token === null) {
    throw new TypeError('{ owner } must be an object that nobody else uses: const owner = {}');
  }
  let owner = tokens.get(token);
  if (owner === undefined) {
    owner = newOwner(undefined);
    tokens.set(token, owner);
  }
  return owner;
}

/** Whether the owner is the one with this number, or within it. */
export function isWithin(owner: Owner, id: number): boolean {
  for (let one: Owner | undefined = owner; one !== undefined; one = one.parent) {
    if (one.id === id) return true;
  }
  return false;
}

/** Runs `fn` in an async context of its own. */
export function inContext<T>(fn: () => T): T {
  return contexts.run(newOwner(ownerOf(undefined)), fn);
}
