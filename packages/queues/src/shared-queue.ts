import { DescriptorChannel } from '@mp/connection/internal';
import { ClosedError } from '@mp/errors';
import type { Pickle } from '@mp/reduction';
import { BlockTable } from './blocks/block-table.ts';
import { Getter } from './getter.ts';
import { Holders } from './holders.ts';
import { DRAINED, JOINER_ASLEEP, PUT, READER_ASLEEP, SHUT, TAKEN, WRITER_ASLEEP } from './memory/layout.ts';
import type { QueueSpace } from './memory/space.ts';
import { inBlock, inline, isLarge, type Outgoing } from './outgoing.ts';
import { Putter } from './putter.ts';
import type { Ledger } from './tasks/ledger.ts';
import type { Unsuccessful } from './waiting/attempt.ts';
import { Bell } from './waiting/bell.ts';

/** More than can wait in one queue. */
const MOST_MESSAGES = 2 ** 30;

/**
 * A queue as one thread sees it. Nothing here waits; see `waiting/` for that.
 *
 *     putter                              shared memory                            getter
 *     ──────                       ──────────────────────────                      ──────
 *     pickle                                                               lock, find the next record
 *     (large: copy into a block)                                           plain ─▶ decode, take, unlock
 *     lock, append, publish ──▶ log:  PUT … records … TAKEN ──▶            other ─▶ copy on a desk, take, unlock,
 *     ring ─────────────────▶ READER_ASLEEP                                         decode, clear the desk
 *                               WRITER_ASLEEP ◀─────────────────────────── ring
 *
 * Locks know their holders: who is killed with one is replaced, and what it had not published or taken did not happen.
 * What it had taken to decode is on a desk, where another finds it. Everything lies in the queue's own memory, so what
 * was put outlives its putter, and a putter never waits for a getter unless the queue is bounded.
 */
export class SharedQueue {
  readonly space: QueueSpace;
  readonly readers: Bell;
  readonly writers: Bell;
  readonly joiners: Bell;
  readonly holders: Holders;
  readonly #words: Int32Array;
  readonly #blocks: BlockTable;
  readonly #channel: DescriptorChannel;
  readonly #putter: Putter;
  readonly #getter: Getter;
  #closed = false;

  constructor(space: QueueSpace, joinable: boolean) {
    const { words, descriptors } = space;
    this.space = space;
    this.#words = words;
    this.readers = new Bell(words, READER_ASLEEP);
    this.writers = new Bell(words, WRITER_ASLEEP);
    this.joiners = new Bell(words, JOINER_ASLEEP);
    this.#blocks = new BlockTable(space);
    this.#channel = new DescriptorChannel(descriptors[1], descriptors[2], MOST_MESSAGES);
    this.#putter = new Putter(space, this.#blocks, this.#channel);
    this.#getter = new Getter(space, this.#blocks, this.#channel, joinable, () => {
      // A message that nobody can decode is no task that anybody could mark as done.
      if (this.ledger?.finish() === 'last') this.joiners.ring(Number.POSITIVE_INFINITY);
    });
    this.holders = new Holders(space);
  }

  get ledger(): Ledger | undefined {
    return this.#getter.ledger;
  }

  /** How many messages wait. */
  get size(): number {
    const taken = Atomics.load(this.#words, TAKEN);
    return Math.max(0, (Atomics.load(this.#words, PUT) - taken) | 0);
  }

  get isEmpty(): boolean {
    return this.#getter.isEmpty;
  }

  get isFull(): boolean {
    return this.#putter.isFull;
  }

  /** Makes a message of a pickle. Undefined: there is no room for it. */
  compose(pickle: Pickle): Outgoing | undefined {
    return isLarge(pickle) ? inBlock(pickle, this.space, this.#blocks) : inline(pickle);
  }

  /** A message will not be put. */
  dispose({ block }: Outgoing): void {
    if (block !== undefined && !this.#closed) this.#blocks.cancel(block);
  }

  /** Puts a message, or nothing of it; and disposes of it if that can never be. */
  put(message: Outgoing): true | Unsuccessful {
    this.#assertOpen();
    let outcome: true | Unsuccessful;
    try {
      outcome = this.#putter.publish(message);
    } catch (error) {
      this.dispose(message);
      throw error;
    }
    if (outcome !== true) return outcome;
    this.readers.ring();
    // Another putter may sleep on because we were woken.
    if (!this.isFull) this.writers.ring();
    return true;
  }

  /** Takes a message. The result is a promise if a module has to be loaded first. */
  readonly take = (): unknown | Unsuccessful => this.#take(false);

  /** The same, for who cannot wait for a promise. */
  readonly takeSync = (): unknown | Unsuccessful => this.#take(true);

  #take(sync: boolean): unknown | Unsuccessful {
    this.#assertOpen();
    const before = this.#words[TAKEN]!;
    try {
      return this.#getter.take(sync);
    } finally {
      // Code of the user may have run, and closed the queue.
      if (!this.#closed && before !== this.#words[TAKEN]!) {
        this.writers.ring();
        // Another getter may sleep on because we were woken.
        if (this.size > 0) this.readers.ring();
      }
    }
  }

  /** Nothing can be put any more; with `immediate`, nothing can be taken either. */
  shutDown(immediate: boolean): void {
    this.#putter.shut(immediate ? SHUT | DRAINED : SHUT);
    if (immediate) this.#getter.drain();
    for (const bell of [this.readers, this.writers, this.joiners]) bell.ringForAll();
  }

  /** This process has been forked from the one that had the queue. */
  forked(): void {
    this.holders.signIn();
    this.#channel.afterFork();
    this.#getter.forked();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#getter.close();
    // What we leave on a desk is for others.
    this.readers.ring();
    this.joiners.ring();
    this.holders.leave();
    this.space.close();
  }

  /** Code of the user that ran in the middle of an operation may have closed the queue. */
  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('This queue was closed by this process while the call was waiting.');
  }
}
