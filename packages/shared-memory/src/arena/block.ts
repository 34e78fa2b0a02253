import { ClosedError } from '@mp/errors';
import { atFork, unmapMemory } from '@mp/native';
import { register, UnpicklingError } from '@mp/reduction';
import { type ArenaStatistics, allocator } from './allocator.ts';
import { Arena, arenas } from './arena.ts';
import { departures } from './departures.ts';
import { FIRST, HEADER, UNIT } from './layout.ts';
import { pendingForks } from './pending-forks.ts';
import { forgetTimer, sweep, sweepLater } from './sweeper.ts';
import { closePending, closeWhenDecoded, Token } from './token.ts';

interface Place {
  readonly arena: Arena;
  readonly offset: number;
}

const gone = new FinalizationRegistry<Place>(letGo);
const blocks = new WeakMap<ArrayBuffer, Block>();

function letGo({ arena, offset }: Place): void {
  arena.letGo(offset);
  if (allocator.lent > 0) sweepLater(true);
  else allocator.tidy();
}

function refuse(): never {
  throw new TypeError(
    'Shared memory cannot be transferred: it is freed with its own ArrayBuffer. Use slice() for a copy.',
  );
}

/** The memory would be freed while the new ArrayBuffer is still over it. `structuredClone` refuses by itself. */
const untransferable: PropertyDescriptorMap = {
  transfer: { value: refuse },
  transferToFixedLength: { value: refuse },
};

/** Not in the types of ES2023. */
const isDetached = (buffer: ArrayBuffer): boolean => (buffer as ArrayBuffer & { detached: boolean }).detached;

/**
 * A piece of shared memory, of a few bytes or many, that costs no descriptor and no mapping of its own.
 *
 * It lies in an arena, where only the thread that made it allocates. It can be sent in any message, and is
 * inherited by a fork: the receiver gets a Block over the same memory, and the same Block however often it comes.
 *
 * It is freed when the last process has no ArrayBuffer of it any more, collected or {@link free}d, and it is in no
 * message that somebody could still read. Until then its memory is nobody else's. Processes that were killed count no
 * longer, once the creator looks, which it does while it allocates, and now and then. Two things keep a block until
 * its creator ends: a *sender* that was killed before it noticed that its
 * message was read, and more than 95 holders at once.
 * Memory in use outlives the creator.
 *
 * New memory is all zero, and begins at a multiple of 32 bytes; no two blocks share a cache line.
 *
 * @example
 * ```ts
 * const block = Block.allocate(8);
 * const words = block.int32();
 * connection.send(block); // the other side: Atomics.add((await connection.recv()).int32(), 0, 1)
 * ```
 */
export class Block {
  readonly bytes: number;
  /** An ArrayBuffer of this block alone. Whoever has it, or a typed array over it, keeps the block. */
  readonly buffer: ArrayBuffer;
  /** Where the block begins in `buffer`: always 0. */
  readonly offset = 0 as const;
  readonly #place: Place;

  /** @internal The bit of this thread must be set in the header. */
  constructor(arena: Arena, offset: number, bytes: number) {
    this.bytes = bytes;
    this.buffer = Object.defineProperties(arena.view(offset, bytes), untransferable);
    this.#place = { arena, offset };
    arena.keep(offset, this);
    blocks.set(this.buffer, this);
    gone.register(this.buffer, this.#place, this);
  }

  /**
   * A new block, all zero.
   *
   * @param bytes - at least 1
   * @throws RangeError for less, or what is no whole number; `ENOMEM`: for more than the machine has; Error `EMFILE`
   */
  static allocate(bytes: number): Block {
    if (!Number.isInteger(bytes) || bytes < 1) {
      throw new RangeError(`A block of shared memory needs a whole number of bytes, at least 1, not ${String(bytes)}`);
    }
    departures.look();
    const { own, offset } = allocator.allocate(bytes);
    return new Block(own.arena, offset, bytes);
  }

  /** The block that an ArrayBuffer is the memory of; undefined for any other ArrayBuffer. */
  static of(buffer: ArrayBufferLike): Block | undefined {
    return blocks.get(buffer as ArrayBuffer);
  }

  /** How much this thread has allocated, freed blocks not counted. */
  static statistics(): ArenaStatistics {
    sweep();
    return allocator.statistics();
  }

  /**
   * Whether nobody can have it but this thread: it is in no message, and whoever else had it has let go of it, or is dead.
   * Errs to false: while a message of this turn of the event loop has it, or when more than 95 threads held it at once.
   */
  get isOnlyHere(): boolean {
    departures.look();
    pendingForks.look();
    const { arena, offset } = this.#place;
    return arena.headers.isOnlyOf(offset, arena.slot, () => arena.slots.dead());
  }

  /**
   * All of it as 32-bit words, for Atomics and futexes; up to 3 bytes at the end may be left out.
   *
   * @throws ClosedError after {@link free}
   */
  int32(): Int32Array<ArrayBuffer> {
    this.#mustLive('int32');
    return new Int32Array(this.buffer, 0, Math.floor(this.bytes / 4));
  }

  /** All of it as bytes; errors as with {@link int32}. */
  uint8(): Uint8Array<ArrayBuffer> {
    this.#mustLive('uint8');
    return new Uint8Array(this.buffer);
  }

  /**
   * Lets go of it in this thread without waiting for the garbage collection: `buffer` is detached, and all typed
   * arrays over it have length 0 from now on. Other processes keep it. Idempotent.
   */
  free(): void {
    if (!gone.unregister(this)) return;
    unmapMemory(this.buffer);
    letGo(this.#place);
  }

  [Symbol.dispose](): void {
    this.free();
  }

  #mustLive(method: string): void {
    if (!isDetached(this.buffer)) return;
    throw new ClosedError(`Block.${method}: this process has let go of the block with free(). Use it before that.`);
  }

  /** @internal */
  static reduce(block: Block): [Token, Arena, number, number] {
    const { arena, offset } = block.#place;
    if (isDetached(block.buffer)) {
      throw new TypeError('this block of shared memory was freed in this process. Send it before that');
    }
    arena.onShare?.();
    departures.depart(arena, offset);
    sweepLater(true);
    // The token first: when it arrives, others are looked after, which may close arenas that nobody uses.
    return [departures.token, arena, offset, arena.headers.generation(offset)];
  }

  /** @internal */
  static rebuild(data: readonly unknown[]): Block {
    const [, arena, offset, generation] = data;
    if (!(arena instanceof Arena) || typeof offset !== 'number' || typeof generation !== 'number') {
      throw new UnpicklingError(
        'The message has a block of shared memory without its arena or its place: it is corrupt.',
      );
    }
    const { headers, size } = arena;
    const isPlace = Number.isSafeInteger(offset) && offset >= FIRST && offset % UNIT === 0 && offset + UNIT <= size;
    const bytes = isPlace ? headers.bytes(offset) : 0;
    const fits = Number.isSafeInteger(bytes) && bytes >= 1 && offset + HEADER + bytes <= size;
    if (!fits || generation < 1 || headers.generation(offset) !== generation || !headers.isInUse(offset)) {
      throw new UnpicklingError(
        `The message names a block of shared memory at ${offset} that does not exist: it is corrupt, or was freed meanwhile.`,
      );
    }
    const known = arena.blockAt(offset);
    if (known !== undefined && !isDetached(known.buffer)) return known;
    headers.hold(offset, arena.slot);
    return new Block(arena, offset, bytes);
  }
}

register(Arena, {
  name: '@mp/shared-memory/Arena',
  module: import.meta.url,
  reduce: (arena, context) => context.descriptor(arena.descriptor),
  rebuild: (index, context) => Arena.receive(context.descriptor(index)),
});

register(Token, {
  name: '@mp/shared-memory/Token',
  module: import.meta.url,
  reduce: (token, context) => context.descriptor(token.descriptor()),
  rebuild: (index, context) => {
    const token = new Token(context.descriptor(index));
    closeWhenDecoded(token);
    departures.look();
    return token;
  },
});

register(Block, {
  name: '@mp/shared-memory/Block',
  module: import.meta.url,
  reduce: Block.reduce,
  rebuild: Block.rebuild,
});

atFork({
  prepare: () => pendingForks.prepare(),
  parent: (forked) => {
    pendingForks.parent(forked);
    if (!pendingForks.isEmpty) sweepLater(true);
  },
  child: () => {
    pendingForks.child();
    allocator.forget();
    departures.forget();
    forgetTimer();
    closePending();
    for (const arena of [...arenas.values()]) arena.closeIfUnused();
  },
});
