import { discardMemory } from '@mp/native';
import { Arena } from './arena.ts';
import { FreeList } from './free-list.ts';
import { FIRST, roomFor } from './layout.ts';

/** From so many bytes on, the pages of a freed block go back to the system. */
const DISCARD = 65_536;

/**
 * The creator's side of an arena: only the thread that made it allocates and frees in it.
 *
 * A block is freed as soon as this thread finds it unused: at once when its own Block is the last; otherwise it is
 * *lent*, and looked at again by {@link sweep}.
 */
export class OwnArena {
  readonly arena: Arena;
  readonly #free: FreeList;
  /** How much room each block takes. */
  readonly #blocks: Map<number, number> = new Map();
  readonly #lent: Set<number> = new Set();
  #generation = 0;

  constructor(size: number) {
    this.arena = Arena.create(size);
    this.#free = new FreeList(FIRST, size);
    this.arena.pin();
    this.arena.onLetGo = (offset) => {
      if (!this.#reclaim(offset)) this.#lent.add(offset);
    };
    this.arena.onShare = () => {
      if (this.arena.slots.areScarce) this.#buryDead();
    };
  }

  /** Blocks that only others hold, or nobody any more. */
  get lent(): number {
    return this.#lent.size;
  }

  get isEmpty(): boolean {
    return this.#blocks.size === 0;
  }

  /** How much the blocks take, and how much there is. */
  statistics(): { readonly blocks: number; readonly usedBytes: number; readonly bytes: number } {
    let usedBytes = 0;
    for (const room of this.#blocks.values()) usedBytes += room;
    return { blocks: this.#blocks.size, usedBytes, bytes: this.arena.size };
  }

  /** @returns the offset of a new block, held by this thread; undefined: there is no room */
  allocate(bytes: number): number | undefined {
    const room = roomFor(bytes);
    const offset = this.#free.take(room);
    if (offset === undefined) return undefined;
    this.#blocks.set(offset, room);
    this.#generation = (this.#generation % 0x7fff_ffff) + 1;
    this.arena.headers.create(offset, bytes, this.#generation, this.arena.slot);
    return offset;
  }

  /** Frees what others have stopped using, or held when they died. */
  sweep(): void {
    if (this.#lent.size === 0) return;
    this.#buryDead();
    for (const offset of this.#lent) this.#reclaim(offset);
  }

  /** No more allocations. */
  close(): void {
    this.arena.onLetGo = undefined;
    this.arena.onShare = undefined;
    this.arena.unpin();
  }

  #buryDead(): void {
    for (const slot of this.arena.slots.dead()) {
      for (const offset of this.#blocks.keys()) this.arena.headers.letGo(offset, slot);
      this.arena.slots.free(slot);
    }
  }

  #reclaim(offset: number): boolean {
    if (!this.arena.headers.isUnused(offset)) return false;
    const room = this.#blocks.get(offset)!;
    if (room >= DISCARD) discardMemory(this.arena.descriptor, offset, room);
    else new Uint8Array(this.arena.whole, offset, room).fill(0);
    this.#blocks.delete(offset);
    this.#lent.delete(offset);
    this.#free.give(offset, room);
    return true;
  }
}
