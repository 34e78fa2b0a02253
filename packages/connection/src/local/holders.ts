import { identify, isThreadAlive } from '@mp/native';
import { GIVEN_AWAY, HOLDER_SLOTS, HOLDERS, holderTable, peerOf, type Side } from './layout.ts';

/**
 * Who holds the ends of a pipe, as it stands in the pipe's header.
 *
 *     HOLDERS       how many: those in the table, and copies that are in a message which nobody has read yet
 *     table         for each holder: the two words that say who a thread is (`ThreadIdentity` of @mp/native)
 *
 * The kernel says when the last descriptor of an end is closed, but not who has it, and a program that has given an end
 * away and forgot to close its own copy would never hear of the new owner's death. So every holder writes down who it
 * is, and whoever waits looks from time to time whether the others live. A dead one is struck off, by one
 * compare-and-exchange, so that it is counted down once.
 *
 * A copy that was lost on its way, because its receiver was killed, stays counted: then only the kernel's word holds.
 */

/** How often to look who lives: a look costs about 10 µs for each holder. */
const LOOK_EVERY_MS = 250;

/** Milliseconds. Not `performance`, which takes a child a millisecond to load at its start. */
const now = (): number => process.uptime() * 1000;

/** How many ends of which pipe live in this thread. */
const inThisThread = new Map<number, [number, number]>();

/** The holders of a pipe's ends, as seen by one of them. */
export class Holders {
  readonly #pipe: Int32Array;
  readonly #id: number;
  readonly #side: Side;
  readonly #peer: Side;
  /** Where we are written down; -1: the table was full. */
  #slot = -1;
  #lookedAt: number = now();

  /** Whoever gave us the end has counted us. */
  constructor(pipe: Int32Array, id: number, side: Side) {
    this.#pipe = pipe;
    this.#id = id;
    this.#side = side;
    this.#peer = peerOf(side);
    const counts = inThisThread.get(id) ?? [0, 0];
    counts[side]++;
    inThisThread.set(id, counts);
    this.#signUp();
  }

  /** One more holds our end: a copy that is about to travel. */
  add(): void {
    Atomics.add(this.#pipe, HOLDERS + this.#side, 1);
  }

  /** The copy of {@link add} was not made. */
  takeBack(): void {
    Atomics.sub(this.#pipe, HOLDERS + this.#side, 1);
  }

  /** We do not hold it any more. */
  leave(): void {
    if (this.#slot !== -1) Atomics.compareExchange(this.#pipe, this.#slot, identify().word, 0);
    Atomics.sub(this.#pipe, HOLDERS + this.#side, 1);
    const counts = inThisThread.get(this.#id);
    if (counts === undefined) return;
    counts[this.#side]--;
    if (counts[0] + counts[1] === 0) inThisThread.delete(this.#id);
  }

  /** In a child that was forked: we are somebody else, who was counted before the fork. */
  signUpAgain(): void {
    // Who forked us may have closed its copy already, and then its place in the table says nothing.
    Atomics.store(this.#pipe, GIVEN_AWAY + this.#side, 1);
    this.#slot = -1;
    this.#signUp();
  }

  /** Nobody holds the other end. Costs no system call. */
  get peerGone(): boolean {
    return Atomics.load(this.#pipe, HOLDERS + this.#peer) === 0;
  }

  /** Others hold our end, too. */
  get shared(): boolean {
    if (Atomics.load(this.#pipe, HOLDERS + this.#side) <= 1) return false;
    this.#strikeOffTheDead();
    return Atomics.load(this.#pipe, HOLDERS + this.#side) > 1;
  }

  /** The other end is held by this thread alone, which is going to wait for itself. */
  get onlyThisThread(): boolean {
    const here = this.#peersHere;
    if (here === 0) return false;
    if (Atomics.load(this.#pipe, HOLDERS + this.#peer) > here) this.#strikeOffTheDead();
    return Atomics.load(this.#pipe, HOLDERS + this.#peer) === here;
  }

  /** {@link onlyThisThread}, and others who had the other end have died or closed it. */
  get peerOrphaned(): boolean {
    return Atomics.load(this.#pipe, GIVEN_AWAY + this.#peer) === 1 && this.onlyThisThread;
  }

  /** How soon to ask again who lives, in milliseconds; Infinity: the kernel will tell. */
  get lookAgainAfter(): number {
    const here = this.#peersHere;
    if (here === 0) return Number.POSITIVE_INFINITY;
    const others = Atomics.load(this.#pipe, HOLDERS + this.#peer) > here;
    return others || Atomics.load(this.#pipe, GIVEN_AWAY + this.#peer) === 1 ? LOOK_EVERY_MS : Number.POSITIVE_INFINITY;
  }

  get #peersHere(): number {
    return inThisThread.get(this.#id)?.[this.#peer] ?? 0;
  }

  #signUp(): void {
    const { word, start } = identify();
    for (let attempt = 0; attempt < 2; attempt++) {
      const first = holderTable(this.#side);
      for (let slot = first; slot < first + 2 * HOLDER_SLOTS; slot += 2) {
        const found = Atomics.compareExchange(this.#pipe, slot, 0, word);
        if (found !== 0) {
          if (found !== word) Atomics.store(this.#pipe, GIVEN_AWAY + this.#side, 1);
          continue;
        }
        this.#pipe[slot + 1] = start;
        this.#slot = slot;
        return;
      }
      this.#strikeOffTheDeadOf(this.#side);
    }
  }

  #strikeOffTheDead(): void {
    const at = now();
    if (at - this.#lookedAt < LOOK_EVERY_MS - 1) return;
    this.#lookedAt = at;
    this.#strikeOffTheDeadOf(this.#side);
    this.#strikeOffTheDeadOf(this.#peer);
  }

  #strikeOffTheDeadOf(side: Side): void {
    const first = holderTable(side);
    for (let slot = first; slot < first + 2 * HOLDER_SLOTS; slot += 2) {
      const word = Atomics.load(this.#pipe, slot);
      if (word === 0 || word === identify().word || isThreadAlive(word, this.#pipe[slot + 1])) continue;
      if (Atomics.compareExchange(this.#pipe, slot, word, 0) === word) Atomics.sub(this.#pipe, HOLDERS + side, 1);
    }
  }
}
