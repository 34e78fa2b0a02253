import { closeDescriptor, isHungUp, socketPair } from '@mp/native';
import { type Arena, arenas } from './arena.ts';

/** Slots that this process has claimed for a child, which has not said yet that they are its own. */
interface Pending {
  /** Hung up when the child has closed its copy of the other end: it is holder by itself now, or dead. */
  readonly near: number;
  readonly slots: ReadonlyMap<Arena, number>;
}

/**
 * What a forked child holds of blocks.
 *
 *     parent, before   claims a slot for the child in every arena, and sets its bit in every block that is held here
 *     child            writes into the slot who it is, and closes its copy of a socket pair
 *     parent, later    sees the hang-up. If the slot still bears its own name, the child was killed before that:
 *                      the slot is marked dead, and the creator of the arena frees what it held
 */
class PendingForks {
  #pending: Pending[] = [];
  #pair: [near: number, far: number] | undefined;

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  prepare(): void {
    if (arenas.size === 0) return;
    for (const arena of arenas.values()) arena.prepareFork();
    try {
      this.#pair = socketPair();
    } catch {
      // Too many descriptors. The fork goes on; only a child that is killed at once will not be noticed.
    }
  }

  parent(forked: boolean): void {
    const slots = new Map<Arena, number>();
    for (const arena of arenas.values()) {
      const slot = arena.afterForkInParent(forked);
      if (slot !== undefined) slots.set(arena, slot);
    }
    const pair = this.#pair;
    this.#pair = undefined;
    if (pair === undefined) return;
    const [near, far] = pair;
    closeDescriptor(far);
    if (forked) {
      for (const arena of slots.keys()) arena.pin();
      this.#pending.push({ near, slots });
    } else closeDescriptor(near);
  }

  child(): void {
    for (const arena of arenas.values()) arena.afterForkInChild();
    for (const { near } of this.#pending) closeDescriptor(near);
    this.#pending = [];
    for (const end of this.#pair ?? []) closeDescriptor(end);
    this.#pair = undefined;
  }

  /** Looks which children hold by themselves, or are dead. */
  look(): void {
    for (const pending of this.#pending.filter(({ near }) => isHungUp(near))) {
      this.#pending.splice(this.#pending.indexOf(pending), 1);
      closeDescriptor(pending.near);
      for (const [arena, slot] of pending.slots) {
        arena.slots.buryIfOurs(slot);
        arena.unpin();
      }
    }
  }
}

export const pendingForks: PendingForks = new PendingForks();
