import { checkMachine } from '../room.ts';
import { FIRST, roomFor } from './layout.ts';
import { OwnArena } from './own-arena.ts';

const SMALLEST = 65_536;
/** Each arena is twice as large as the one before, up to this. What is larger than that gets an arena of its own. */
const LARGEST = 4 << 20;
const PAGE = 4096;
/** So many lent blocks, and as many again as the last look has left, before allocations look at them again. */
const LENT = 64;

/** How much of its arenas this thread uses; see {@link Allocator.statistics}. */
export interface ArenaStatistics {
  readonly arenas: number;
  readonly bytes: number;
  readonly blocks: number;
  /** With headers and padding. */
  readonly usedBytes: number;
}

/** The arenas that this thread has made. */
export class Allocator {
  #arenas: OwnArena[] = [];
  #nextSize = SMALLEST;
  #lentAtMost = LENT;

  /** @returns the arena, and the offset of a new block in it, held by this thread */
  allocate(bytes: number): { readonly own: OwnArena; readonly offset: number } {
    if (this.lent > this.#lentAtMost) {
      this.sweep();
      this.#lentAtMost = LENT + 2 * this.lent;
    }
    const found = this.#find(bytes);
    if (found !== undefined) return found;
    if (this.lent > 0) {
      this.sweep();
      const again = this.#find(bytes);
      if (again !== undefined) return again;
    }
    checkMachine(bytes, 'Shared memory');
    const own = new OwnArena(this.#sizeFor(roomFor(bytes) + FIRST));
    this.#arenas.push(own);
    return { own, offset: own.allocate(bytes)! };
  }

  /** Blocks that are nobody's here, and not free yet. */
  get lent(): number {
    let lent = 0;
    for (const own of this.#arenas) lent += own.lent;
    return lent;
  }

  sweep(): void {
    for (const own of this.#arenas) own.sweep();
    this.tidy();
  }

  /** Gives empty arenas back, but for one that is not too large: programs often make one object after the other. */
  tidy(): void {
    let kept: OwnArena | undefined;
    for (const own of this.#arenas) {
      if (own.isEmpty && own.arena.size <= LARGEST && own.arena.size > (kept?.arena.size ?? 0)) kept = own;
    }
    const empty = this.#arenas.filter((own) => own.isEmpty && own !== kept);
    if (empty.length === 0) return;
    this.#arenas = this.#arenas.filter((own) => !empty.includes(own));
    for (const own of empty) own.close();
  }

  statistics(): ArenaStatistics {
    const result = { arenas: 0, bytes: 0, blocks: 0, usedBytes: 0 };
    for (const own of this.#arenas) {
      const { blocks, usedBytes, bytes } = own.statistics();
      result.arenas++;
      result.bytes += bytes;
      result.blocks += blocks;
      result.usedBytes += usedBytes;
    }
    return result;
  }

  /** In the child of a fork: the arenas are the parent's. */
  forget(): void {
    this.#arenas = [];
    this.#nextSize = SMALLEST;
    this.#lentAtMost = LENT;
  }

  #find(bytes: number): { own: OwnArena; offset: number } | undefined {
    for (const own of this.#arenas) {
      const offset = own.allocate(bytes);
      if (offset !== undefined) return { own, offset };
    }
    return undefined;
  }

  #sizeFor(needed: number): number {
    if (needed > LARGEST) return Math.ceil(needed / PAGE) * PAGE;
    while (this.#nextSize < needed) this.#nextSize *= 2;
    const size = this.#nextSize;
    this.#nextSize = Math.min(LARGEST, size * 2);
    return size;
  }
}

export const allocator: Allocator = new Allocator();
