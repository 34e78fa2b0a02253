import { asShortage, closeDescriptor, isHungUp, socketPair } from '@mp/native';
import type { Arena } from './arena.ts';
import { Token } from './token.ts';

/** How long messages share a token when the event loop does not turn meanwhile. */
const SHARE_MS = 1000;
/** More tokens than that are not under way at once; from then on messages share one until others have arrived. */
const MOST_OPEN = 32;

/** The blocks of some messages, and how to learn that all of these have been decoded or are lost. */
class Departure {
  readonly began: number = performance.now();
  readonly #near: number;
  #far: number | undefined;
  readonly #blocks: Map<Arena, Set<number>> = new Map();

  constructor() {
    try {
      [this.#near, this.#far] = socketPair();
    } catch (error) {
      throw asShortage('No lock, value, array or the like can be sent', error);
    }
  }

  /** To be attached to messages. */
  get far(): number {
    if (this.#far === undefined) throw new Error('The token of these messages is closed');
    return this.#far;
  }

  /** @returns false: it has that block already */
  add(arena: Arena, offset: number): boolean {
    let offsets = this.#blocks.get(arena);
    if (offsets === undefined) {
      offsets = new Set();
      this.#blocks.set(arena, offsets);
      arena.pin();
    }
    if (offsets.has(offset)) return false;
    offsets.add(offset);
    arena.headers.depart(offset);
    return true;
  }

  /** The block goes with another token. */
  remove(arena: Arena, offset: number): void {
    this.#blocks.get(arena)?.delete(offset);
    arena.headers.arrive(offset);
  }

  get hasArrived(): boolean {
    return isHungUp(this.#near);
  }

  arrive(): void {
    this.close();
    for (const [arena, offsets] of this.#blocks) {
      for (const offset of offsets) arena.headers.arrive(offset);
      arena.unpin();
    }
  }

  closeFar(): void {
    if (this.#far !== undefined) closeDescriptor(this.#far);
    this.#far = undefined;
  }

  close(): void {
    this.closeFar();
    closeDescriptor(this.#near);
  }
}

/**
 * What this thread has sent of blocks, and does not know to have arrived.
 *
 * With the blocks of a message goes a token: one end of a socket pair. Whoever decodes the message first becomes a
 * holder, then closes the token; if the message is lost with a process or a connection, the system closes it. When no
 * copy is left, the other end, which stays here, is hung up. The sender looks for that when it allocates, sends or
 * receives blocks, now and then, and when it exits. If it is gone before it has noticed, nobody counts down: such a block
 * is freed when its creator ends.
 */
export class Departures {
  #open: Departure[] = [];
  #current: Departure | undefined;
  /** The block that came last, and whether it was the first time with this token. */
  #last: { readonly arena: Arena; readonly offset: number; readonly isNew: boolean } | undefined;
  #rotation: NodeJS.Immediate | undefined;

  /** What travels with every block. */
  readonly token: Token = new Token(() => this.#enterMessage());

  /** A block goes into a message, and {@link token} with it. */
  depart(arena: Arena, offset: number): void {
    const isNew = this.#begin().add(arena, offset);
    this.#last = { arena, offset, isNew };
  }

  get isEmpty(): boolean {
    return this.#current === undefined && this.#open.length === 0;
  }

  /** Looks what has arrived. */
  look(): void {
    for (const departure of this.#open.filter((each) => each.hasArrived)) {
      this.#open.splice(this.#open.indexOf(departure), 1);
      departure.arrive();
    }
  }

  /** Between messages only: what is sent from now on has another token. */
  rotate(): void {
    if (this.#current === undefined || this.#open.length >= MOST_OPEN) return;
    this.#current.closeFar();
    this.#open.push(this.#current);
    this.#current = undefined;
    this.#last = undefined;
  }

  /** Nothing more will be sent from here. */
  leave(): void {
    this.rotate();
    this.look();
  }

  /** In the child of a fork: the messages are the parent's, which waits for the last copy of its tokens. */
  forget(): void {
    for (const departure of this.#open) departure.close();
    this.#current?.close();
    this.#open = [];
    this.#current = undefined;
    this.#last = undefined;
    this.#rotation = undefined;
    lookAtExit();
  }

  #begin(): Departure {
    if (this.#current === undefined) {
      this.#current = new Departure();
      this.#rotation ??= setImmediate(() => {
        this.#rotation = undefined;
        this.rotate();
      }).unref();
    }
    return this.#current;
  }

  /**
   * The token is pickled once for each message, with its first block. What was pickled before has been sent by now, or
   * its descriptors were duplicated: a pickle is valid until the next one. So this is where a thread that never turns
   * its event loop can take another token.
   *
   * @returns the descriptor to attach
   */
  #enterMessage(): number {
    const current = this.#begin();
    const last = this.#last;
    if (last === undefined || performance.now() - current.began <= SHARE_MS) return current.far;
    this.look();
    this.rotate();
    const next = this.#begin();
    if (next !== current) {
      next.add(last.arena, last.offset);
      if (last.isNew) current.remove(last.arena, last.offset);
    }
    return next.far;
  }
}

export const departures: Departures = new Departures();
lookAtExit();

/** The child of a fork has no listeners but its own. */
function lookAtExit(): void {
  process.on('exit', () => departures.leave());
}
