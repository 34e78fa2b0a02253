import {
  acceptSocket,
  atFork,
  closeDescriptor,
  Deadline,
  PollHandle,
  READABLE,
  socketAddress,
  WRITABLE,
} from '@mp/native';
import { Fifo } from '../fifo.ts';
import { type Address, decodeAddress, type Family } from './address.ts';
import { AuthenticationError } from './errors.ts';
import { Greeting } from './greeting.ts';
import type { Handshake } from './handshake.ts';
import type { StreamEnd } from './stream-end.ts';

/** A connection that was let in. */
export interface Guest {
  readonly end: StreamEnd;
  readonly address: Address;
}

/** How a listener receives those who connect. */
export interface EntranceRules {
  readonly family: Family;
  /** Makes an end of a socket that was accepted, which it owns, also when it throws. */
  open(descriptor: number): StreamEnd;
  /** What each has to go through; undefined: nothing. */
  greet(): Handshake | undefined;
  readonly maxFrame: number;
  readonly handshakeTimeout: number;
  readonly maxHandshakes: number;
  rejected(error: Error): void;
}

interface Visitor {
  readonly greeting: Greeting;
  readonly address: Address;
  readonly deadline: Deadline;
  readonly timer: NodeJS.Timeout;
}

/** More are left in the kernel's line until somebody takes these. */
const MOST_GUESTS = 64;

/**
 * Where those who connect prove who they are, all at once: one who is slow or silent holds up nobody else.
 *
 *     kernel's line ── accept ──▶ visitors: a handshake each, for a limited time ──▶ guests ── take ──▶ Listener
 *                                     └── wrong key, silent, too many: rejected
 *
 * Sockets are accepted only while somebody wants a connection; handshakes that are under way go on in the event loop.
 */
export class Entrance {
  readonly #descriptor: number;
  readonly #rules: EntranceRules;
  /** The oldest first. */
  readonly #visitors = new Set<Visitor>();
  readonly #guests = new Fifo<Guest>();
  #handle: PollHandle | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

  /** Takes over the descriptor, of a socket that listens. */
  constructor(descriptor: number, rules: EntranceRules) {
    this.#descriptor = descriptor;
    this.#rules = rules;
    Entrance.#open.add(this);
  }

  /** The next who was let in. */
  take(): Guest | undefined {
    return this.#guests.shift();
  }

  get hasGuests(): boolean {
    return this.#guests.length > 0;
  }

  /** Lets in whoever can be let in now. Throws when the system refuses to accept more. */
  pump(): void {
    for (const visitor of [...this.#visitors]) this.#advance(visitor);
    while (!this.#closed && this.#guests.length < MOST_GUESTS) {
      const descriptor = acceptSocket(this.#descriptor);
      if (descriptor === undefined) return;
      this.#receive(descriptor);
    }
  }

  /** What a thread has to sleep on: descriptor and events of poll(2), alternating. */
  sleepOn(): number[] {
    const watched = [this.#descriptor, READABLE];
    for (const { greeting } of this.#visitors) {
      watched.push(greeting.end.fileno, greeting.writing ? WRITABLE : READABLE);
    }
    return watched;
  }

  /** In how many milliseconds the next visitor has had time enough. */
  get patience(): number {
    for (const { deadline } of this.#visitors) return deadline.remaining();
    return Number.POSITIVE_INFINITY;
  }

  /** Calls `wake` in the event loop when {@link pump} may let in somebody, and keeps the loop alive. */
  watch(wake: () => void): void {
    this.#wake = wake;
    this.#handle ??= this.#newHandle();
    this.#handle.start(READABLE);
  }

  unwatch(): void {
    this.#wake = undefined;
    this.#handle?.stop();
  }

  close(): void {
    this.#closed = true;
    Entrance.#open.delete(this);
    this.#wake = undefined;
    this.#handle?.close();
    this.#sendAway();
    closeDescriptor(this.#descriptor);
  }

  #sendAway(): void {
    for (const visitor of [...this.#visitors]) this.#dismiss(visitor);
    for (let guest = this.#guests.shift(); guest !== undefined; guest = this.#guests.shift()) guest.end.close();
  }

  #newHandle(): PollHandle {
    return new PollHandle(this.#descriptor, () => this.#wake?.());
  }

  #receive(descriptor: number): void {
    let end: StreamEnd | undefined;
    try {
      const address = this.#addressOf(descriptor);
      end = this.#rules.open(descriptor);
      this.#welcome(end, address);
    } catch (error) {
      // It is gone already, or has said something wrong at once.
      end?.close();
      this.#rules.rejected(error as Error);
    }
  }

  #addressOf(descriptor: number): Address {
    try {
      return decodeAddress(socketAddress(descriptor, true), this.#rules.family);
    } catch (error) {
      closeDescriptor(descriptor);
      throw error;
    }
  }

  #welcome(end: StreamEnd, address: Address): void {
    const { handshakeTimeout, maxFrame, maxHandshakes } = this.#rules;
    const greeting = new Greeting(end, this.#rules.greet(), maxFrame);
    if (greeting.pump()) {
      this.#guests.push({ end, address });
      return;
    }
    if (this.#visitors.size >= maxHandshakes) this.#dropOldest();
    const timer = setTimeout(() => this.#expire(visitor), Math.min(handshakeTimeout, 2 ** 31 - 1));
    timer.unref();
    const visitor: Visitor = { greeting, address, deadline: Deadline.after(handshakeTimeout), timer };
    this.#visitors.add(visitor);
    end.watch(() => this.#advanceInLoop(visitor));
    end.keepLoopAlive(false);
    end.announceSleep(!greeting.writing, greeting.writing);
  }

  #advanceInLoop(visitor: Visitor): void {
    this.#advance(visitor);
    if (this.#visitors.has(visitor)) {
      const { greeting } = visitor;
      greeting.end.announceSleep(!greeting.writing, greeting.writing);
    } else {
      this.#wake?.();
    }
  }

  #advance(visitor: Visitor): void {
    try {
      if (visitor.greeting.pump()) this.#letIn(visitor);
      else if (visitor.deadline.expired) this.#expire(visitor);
    } catch (error) {
      this.#reject(visitor, error as Error);
    }
  }

  #letIn(visitor: Visitor): void {
    const { greeting, address, timer } = visitor;
    clearTimeout(timer);
    this.#visitors.delete(visitor);
    greeting.end.unwatch();
    this.#guests.push({ end: greeting.end, address });
  }

  /** Who is honest needs milliseconds, and is rarely the oldest. */
  #dropOldest(): void {
    for (const oldest of this.#visitors) {
      this.#reject(
        oldest,
        new AuthenticationError('A client was too slow to prove its authkey while many others came.'),
      );
      return;
    }
  }

  #expire(visitor: Visitor): void {
    this.#reject(
      visitor,
      new AuthenticationError(`A client did not prove its authkey within ${this.#rules.handshakeTimeout} ms.`),
    );
  }

  #reject(visitor: Visitor, error: Error): void {
    this.#dismiss(visitor);
    this.#rules.rejected(error);
  }

  #dismiss(visitor: Visitor): void {
    clearTimeout(visitor.timer);
    if (this.#visitors.delete(visitor)) visitor.greeting.end.close();
  }

  static readonly #open = new Set<Entrance>();

  static {
    // A forked process listens, too; but whoever has come in before is the parent's.
    const child = (): void => {
      for (const entrance of Entrance.#open) {
        entrance.#handle = undefined;
        entrance.#wake = undefined;
        entrance.#sendAway();
      }
    };
    atFork({ child });
  }
}
