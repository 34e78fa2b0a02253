import { atFork, closeDescriptor, descriptorSize, mapMemory, unmapMemory } from '@mp/native';
import { Spin } from '../spin.ts';
import type { HeldMessage, Incoming, MessageKind, Outgoing, Transport } from '../transport.ts';
import { Holders } from './holders.ts';
import { PIPE_HEADER_BYTES, type PipeShape, peerOf, readShape, ringOffset, type Side } from './layout.ts';
import { LocalReceiver } from './receiver.ts';
import { LocalSender, type Revocable } from './sender.ts';
import { Wakeups } from './wakeups.ts';

/** How long somebody else may need to copy one record. */
const CONTENDED_MS = 1;
/** An end that several processes hold: who was woken in our stead may have been killed before it took the message. */
const SHARED_MS = 100;

/** The descriptors of an end, in the order in which they travel. */
export type EndDescriptors = readonly [memory: number, bell0: number, bell1: number, socket: number];

/**
 * One end of a pipe on this machine.
 *
 *     process A, end 0                shared memory                 process B, end 1
 *     ────────────────           ────────────────────────           ────────────────
 *     send: lock, copy, publish ─▶ ring 0 → 1  HEAD … TAIL ─▶ receive: lock, decode in place, take
 *     receive              ◀────── ring 1 → 0             ◀────── send
 *          ▲                                                           ▲
 *          └── bell 0: «there is something», «there is room»           └── bell 1
 *          └─────────────── socket pair: descriptors; end of file ─────┘
 *
 * Under load both sides find the ring neither empty nor full and make no system call at all. Only who is about to sleep
 * says so in the ring's header, and only then does the other side ring its bell.
 *
 *     receiver.ts  sender.ts    what is done with the two rings
 *     wakeups.ts                bells and socket
 *     holders.ts                who has this end and the other one
 */
export class LocalEnd implements Transport {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly side: Side;
  readonly shape: PipeShape;
  readonly #memory: number;
  readonly #buffer: ArrayBuffer;
  readonly #wakeups: Wakeups;
  readonly #holders: Holders;
  readonly #receiver: LocalReceiver | undefined;
  readonly #sender: LocalSender | undefined;
  readonly #spin = new Spin();
  #awakeUntil = 0;

  /** Takes over the descriptors. Whoever gave them away has counted the new holder. */
  constructor(descriptors: EndDescriptors, side: Side) {
    const [memory, bell0, bell1, socket] = descriptors;
    this.side = side;
    this.#memory = memory;
    this.#buffer = mapMemory(memory, descriptorSize(memory));
    this.shape = readShape(this.#buffer);
    const { capacity, duplex, id } = this.shape;
    this.readable = duplex || side === 0;
    this.writable = duplex || side === 1;
    const wakeups = side === 0 ? new Wakeups(bell0, bell1, socket) : new Wakeups(bell1, bell0, socket);
    const holders = new Holders(new Int32Array(this.#buffer, 0, PIPE_HEADER_BYTES >> 2), id, side);
    this.#wakeups = wakeups;
    this.#holders = holders;
    if (this.readable) this.#receiver = new LocalReceiver(this.#buffer, ringOffset(side, capacity), capacity, wakeups);
    if (this.writable) {
      this.#sender = new LocalSender(this.#buffer, ringOffset(peerOf(side), capacity), capacity, wakeups, holders);
    }
    LocalEnd.#open.add(this);
  }

  get descriptors(): EndDescriptors {
    const { ownBell, peerBell, socket } = this.#wakeups;
    return this.side === 0 ? [this.#memory, ownBell, peerBell, socket] : [this.#memory, peerBell, ownBell, socket];
  }

  /** One more holds this end: a copy that is about to travel. */
  countHolder(): void {
    this.#holders.add();
    // Who waits should look unasked from now on: at the other end whether the new holder lives, at ours whether it has
    // taken the bell and not the message.
    this.#wakeups.ringPeer();
    this.#wakeups.ringOwn();
  }

  /** The copy of {@link countHolder} did not travel. */
  takeBackHolder(): void {
    if (LocalEnd.#open.has(this)) this.#holders.takeBack();
  }

  get ended(): boolean {
    return this.#wakeups.ended || this.#holders.peerGone;
  }

  checkEnded(): boolean {
    return this.ended || this.#wakeups.checkEnded();
  }

  get fileno(): number {
    return this.#wakeups.socket;
  }

  onlyOurselves(): boolean {
    return this.#holders.onlyThisThread;
  }

  orphaned(): boolean {
    return this.#holders.peerOrphaned;
  }

  pronounceEnded(): void {
    this.#wakeups.pronounceEnded();
  }

  hasMessage(): boolean {
    return this.#receiver!.waiting;
  }

  receive(): Incoming | undefined {
    return this.#receiver!.receive();
  }

  done(): void {
    this.#receiver!.done();
  }

  send(kind: MessageKind, message: Outgoing): boolean {
    return this.#sender!.send(kind, message);
  }

  /**
   * Sends a message that can be taken back until a reader has begun to decode it.
   *
   * @returns where it is, for {@link revoke}; undefined: there is no room now
   */
  sendRevocable(message: Outgoing): Revocable | undefined {
    return this.#sender!.sendRevocable(message);
  }

  /** Takes a message back. False: a reader has begun to decode it, or has ended since. */
  revoke(message: Revocable): boolean {
    return this.#sender!.revoke(message);
  }

  /** Whoever receives at the other end has taken all that we sent, and sleeps until more comes. */
  get readerSleeps(): boolean {
    return this.#sender!.readerSleeps;
  }

  hold(kind: MessageKind, message: Outgoing): HeldMessage {
    return this.#sender!.hold(kind, message);
  }

  spin(writing: boolean): boolean {
    return writing ? this.#sender!.spin(this.#spin) : this.#receiver!.spin(this.#spin);
  }

  /**
   * We look for messages ourselves for a moment: nobody has to ring. Only for an end that nobody else holds, and the sleep
   * is to be announced again before anybody relies on the bell.
   */
  takeBackSleep(): void {
    this.#receiver?.takeBackSleep();
  }

  sleepOn(): readonly number[] {
    return this.#wakeups.sleepOn();
  }

  awake(): void {
    this.#wakeups.awake();
    this.#wokeUp();
  }

  announceSleep(reading: boolean, writing: boolean): void {
    this.#awakeUntil = performance.now();
    if (reading) this.#receiver?.announceSleep();
    if (writing) this.#sender?.announceSleep();
  }

  sleepSync(timeout: number, writing: boolean): void {
    this.#wakeups.sleepSync(Math.min(timeout, this.lookAgainAfter(writing, 3)));
    this.#wokeUp();
  }

  lookAgainAfter(writing: boolean, attempt: number): number {
    if (this.#receiver?.contended === true || this.#sender?.contended === true) return CONTENDED_MS;
    // The reader rings when half of the ring is free; a little room may be enough before that.
    if (writing) return Math.min(2 ** attempt, SHARED_MS);
    return this.#holders.shared ? SHARED_MS : this.#holders.lookAgainAfter;
  }

  watch(wake: () => void): void {
    this.#wakeups.watch(() => {
      this.#wokeUp();
      wake();
    });
  }

  unwatch(): void {
    this.#wakeups.unwatch();
  }

  keepLoopAlive(keep: boolean): void {
    this.#wakeups.keepLoopAlive(keep);
  }

  close(): void {
    LocalEnd.#open.delete(this);
    this.#holders.leave();
    this.#wakeups.close();
    this.#receiver?.close();
    this.#sender?.close();
    unmapMemory(this.#buffer);
    closeDescriptor(this.#memory);
  }

  #wokeUp(): void {
    this.#spin.slept(performance.now() - this.#awakeUntil);
    if (!this.#holders.shared) return;
    // Our waking may have silenced a bell that was meant for another holder of this end, who sleeps on.
    this.announceSleep(true, true);
    if (this.#receiver?.waiting === true) this.#wakeups.ringOwn();
  }

  /** The ends that this thread holds: a child that is forked from it holds them, too. */
  static readonly #open = new Set<LocalEnd>();

  static {
    atFork({
      // Before, and not in the child: until it gets there, everybody else may have closed the end.
      prepare: () => {
        for (const end of LocalEnd.#open) {
          end.#holders.add();
          end.#receiver?.beforeFork();
        }
      },
      parent: (forked?: boolean) => {
        for (const end of LocalEnd.#open) {
          if (forked === false) end.#holders.takeBack();
          else end.#wakeups.ringOwn();
        }
      },
      child: () => {
        for (const end of LocalEnd.#open) {
          end.#holders.signUpAgain();
          end.#wakeups.afterFork();
          end.#receiver?.afterFork();
          end.#sender?.afterFork();
        }
      },
    });
  }
}
