import { closeDescriptor, isHungUp, socketPair } from '@mp/native';
import type { Arena } from './arena.ts';
import { Token } from './token.ts';

/**
 * How long messages share a token when the event loop does not turn meanwhile. A message is pickled and sent in one
 * go, far sooner than that, and until then its token must stay open here.
 */
const SHARE_MS = 1000;
/** More tokens than that are not under way at once; from then on messages share one until others have arrived. */
const MOST_OPEN = 32;

/** The blocks of some messages, and how to learn that all of these have been decoded or are lost. */
class Departure {
  readonly token: Token;
  readonly began: number = performance.now();
  readonly #near: number;
  readonly #blocks: Map<Arena, Set<number>> = new Map();

  constructor() {
    const [near, far] = socketPair();
    this.#near = near;
    this.token = new Token(far);
  }

  add(arena: Arena, offset: number): void {
    let offsets = this.#blocks.get(arena);
    if (offsets === undefined) {
      offsets = new Set();
      this.#blocks.set(arena, offsets);
      arena.pin();
    }
    if (offsets.has(offset)) return;
    offsets.add(offset);
    arena.headers.depart(offset);
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

  close(): void {
    this.token.close();
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
  #rotation: NodeJS.Immediate | undefined;

  /** A block goes into a message. @returns what must travel with it */
  depart(arena: Arena, offset: number): Token {
    if (this.#current !== undefined && performance.now() - this.#current.began > SHARE_MS) this.look();
    if (this.#current === undefined) {
      this.#current = new Departure();
      this.#rotation ??= setImmediate(() => {
        this.#rotation = undefined;
        this.#rotate();
      }).unref();
    }
    this.#current.add(arena, offset);
    return this.#current.token;
  }

  get isEmpty(): boolean {
    return this.#current === undefined && this.#open.length === 0;
  }

  /** Looks what has arrived. */
  look(): void {
    if (this.#current !== undefined && performance.now() - this.#current.began > SHARE_MS) this.#rotate();
    for (const departure of this.#open.filter((each) => each.hasArrived)) {
      this.#open.splice(this.#open.indexOf(departure), 1);
      departure.arrive();
    }
  }

  /** Nothing more will be sent from here. */
  leave(): void {
    this.#rotate();
    this.look();
  }

  /** In the child of a fork: the messages are the parent's, which waits for the last copy of its tokens. */
  forget(): void {
    for (const departure of this.#open) departure.close();
    this.#current?.close();
    this.#open = [];
    this.#current = undefined;
    this.#rotation = undefined;
    lookAtExit();
  }

  #rotate(): void {
    if (this.#current === undefined || this.#open.length >= MOST_OPEN) return;
    this.#current.token.close();
    this.#open.push(this.#current);
    this.#current = undefined;
  }
}

export const departures: Departures = new Departures();
lookAtExit();

/** The child of a fork has no listeners but its own. */
function lookAtExit(): void {
  process.on('exit', () => departures.leave());
}
