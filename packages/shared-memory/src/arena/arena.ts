import { fstatSync } from 'node:fs';
import { asShortage, closeDescriptor, createMemory, Mapping, unmapMemory } from '@mp/native';
import { UnpicklingError } from '@mp/reduction';
import { keep, letGoOf } from '../descriptor.ts';
import type { Block } from './block.ts';
import { BlockHeaders, FIRST, HEADER, MAGIC, UNIT, VERSION } from './layout.ts';
import { Slots } from './slots.ts';

/** What this thread has of one block. */
interface Held {
  /** The block, as long as somebody uses it. */
  readonly block: WeakRef<Block>;
  /** How many ArrayBuffers over it have not been collected; two for a moment, if it comes again during a collection. */
  views: number;
}

/**
 * Memory that blocks live in, as one thread has it mapped.
 *
 *     thread that creates                       any other thread or process
 *     ───────────────────                       ───────────────────────────
 *     OwnArena: free list, sweep
 *        │ allocates in, frees
 *        ▼
 *     Arena: descriptor, mapping, slot  ═══▶    Arena: descriptor, mapping, slot
 *        ▲ one Held per block                      ▲ one Held per block
 *     Block ── message (token.ts) ────────▶     Block
 *
 * A thread maps each arena once, however often it comes in messages; it is recognised by device and inode. The last
 * Block that a thread has of an arena takes mapping and descriptor with it, unless it is the creator's.
 */
export class Arena {
  readonly descriptor: number;
  readonly size: number;
  readonly headers: BlockHeaders;
  readonly slots: Slots;
  /** All of it. Only for headers and for filling with zeros: users get ArrayBuffers of their own, one per block. */
  readonly whole: ArrayBuffer;
  readonly #key: string;
  readonly #mapping: Mapping;
  readonly #held: Map<number, Held> = new Map();
  #slot: number;
  /** Claimed by the parent of a fork, for the child. */
  #slotOfChild: number | undefined;
  #closed = false;
  /** Reasons to stay mapped beside the blocks: the creator, and blocks that were sent from here. */
  #pins = 0;
  /** For the creator: this thread has let go of a block. */
  onLetGo: ((offset: number) => void) | undefined;
  /** For the creator: another process is about to get a block. */
  onShare: (() => void) | undefined;

  /** @param descriptor - belongs to the arena, if this does not throw */
  private constructor(descriptor: number, size: number, key: string, isNew: boolean) {
    this.size = size;
    this.#key = key;
    this.#mapping = Mapping.of(descriptor, size);
    this.whole = this.#mapping.view(0, size);
    try {
      const words = new Int32Array(this.whole, 0, 2);
      if (isNew) words.set([MAGIC, VERSION]);
      else if (words[0] !== MAGIC || words[1] !== VERSION) {
        throw new UnpicklingError(
          'The message names an arena of shared memory, but its descriptor is none: the message is corrupt, or of another version of @mp/shared-memory.',
        );
      }
      this.descriptor = keep(descriptor);
    } catch (error) {
      this.#unmap();
      throw error;
    }
    this.headers = new BlockHeaders(this.whole);
    this.slots = new Slots(this.whole);
    this.#slot = this.slots.claim();
    arenas.set(key, this);
  }

  static create(size: number): Arena {
    try {
      return Arena.#adopt(createMemory(size, 'mp-arena'), size, true);
    } catch (error) {
      throw asShortage('There is no shared memory for a lock, a value, an array or the like', error);
    }
  }

  /** The arena that a descriptor from a message stands for. Takes the descriptor over, unless it throws. */
  static receive(descriptor: number): Arena {
    const { dev, ino, size } = fstatSync(descriptor, { bigint: true });
    const known = arenas.get(`${dev}:${ino}`);
    if (known !== undefined) {
      closeDescriptor(descriptor);
      return known;
    }
    if (size < FIRST || size % BigInt(UNIT) !== 0n) {
      throw new UnpicklingError(
        `The message names an arena of shared memory, but its descriptor is none: it has ${size} bytes. The message is corrupt.`,
      );
    }
    return new Arena(descriptor, Number(size), `${dev}:${ino}`, false);
  }

  static #adopt(descriptor: number, size: number, isNew: boolean): Arena {
    try {
      const { dev, ino } = fstatSync(descriptor, { bigint: true });
      return new Arena(descriptor, size, `${dev}:${ino}`, isNew);
    } catch (error) {
      closeDescriptor(descriptor);
      throw error;
    }
  }

  get slot(): number {
    return this.#slot;
  }

  /** Whether any block of it is used here. */
  get isHeld(): boolean {
    return this.#held.size > 0;
  }

  /** The offsets of the blocks that this thread holds. */
  heldOffsets(): Iterable<number> {
    return this.#held.keys();
  }

  /** The Block that is at an offset here already, if it lives. */
  blockAt(offset: number): Block | undefined {
    return this.#held.get(offset)?.block.deref();
  }

  /** An ArrayBuffer over the bytes of a block, for a new Block. The bit of this thread must be set. */
  view(offset: number, bytes: number): ArrayBuffer {
    return this.#mapping.view(offset + HEADER, bytes);
  }

  keep(offset: number, block: Block): void {
    this.#held.set(offset, { block: new WeakRef(block), views: (this.#held.get(offset)?.views ?? 0) + 1 });
  }

  /** An ArrayBuffer of a block is gone. */
  letGo(offset: number): void {
    const held = this.#held.get(offset);
    if (held === undefined || --held.views > 0) return;
    this.#held.delete(offset);
    this.headers.letGo(offset, this.#slot);
    this.onLetGo?.(offset);
    this.closeIfUnused();
  }

  pin(): void {
    this.#pins++;
  }

  unpin(): void {
    this.#pins--;
    this.closeIfUnused();
  }

  closeIfUnused(): void {
    if (this.#closed || this.#pins > 0 || this.#held.size > 0) return;
    this.#closed = true;
    if (arenas.get(this.#key) === this) arenas.delete(this.#key);
    this.slots.free(this.#slot);
    this.#unmap();
    letGoOf(this.descriptor);
  }

  /** A message with this arena in it has failed. */
  [Symbol.dispose](): void {
    this.closeIfUnused();
  }

  /** Before a fork: the child holds what this process holds, and nobody frees it before the child can say so itself. */
  prepareFork(): void {
    this.onShare?.();
    this.#slotOfChild = this.slots.claim();
    for (const offset of this.#held.keys()) this.headers.holdFor(offset, this.#slotOfChild);
  }

  /**
   * @param forked - false: there is no child
   * @returns the slot of the child
   */
  afterForkInParent(forked: boolean): number | undefined {
    const slot = this.#slotOfChild;
    this.#slotOfChild = undefined;
    if (forked || slot === undefined) return slot;
    for (const offset of this.#held.keys()) this.headers.letGo(offset, slot);
    this.slots.free(slot);
    return undefined;
  }

  /** The creator is another process now, and what was sent from there is no business of ours. */
  afterForkInChild(): void {
    this.onLetGo = undefined;
    this.onShare = undefined;
    this.#pins = 0;
    this.#slot = this.#slotOfChild ?? this.#slot;
    this.#slotOfChild = undefined;
    this.slots.inherit(this.#slot);
  }

  #unmap(): void {
    unmapMemory(this.whole);
    this.#mapping.close();
  }
}

/** What this thread has mapped, by device and inode. */
export const arenas: Map<string, Arena> = new Map();
