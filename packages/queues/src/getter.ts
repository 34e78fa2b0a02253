import type { DescriptorChannel } from '@mp/connection/internal';
import { BrokenPipeError } from '@mp/errors';
import { closeDescriptor, futexWaitSync } from '@mp/native';
import type { BlockTable } from './blocks/block-table.ts';
import { readLabel } from './blocks/parcel.ts';
import { type Claim, Decoding, unpickler } from './decoding.ts';
import { type Desk, Desks } from './desk/desk.ts';
import { QueueShutDownError } from './errors.ts';
import { LogReader } from './log/reader.ts';
import { DESCRIPTORS_SHIFT, IN_BLOCK, TAG_SHIFT } from './log/record.ts';
import { CLAIMING, DESKS_IN_USE, DRAINED, FLAGS, PUT, READER_LOCK, SHUT, TAKEN } from './memory/layout.ts';
import { PatientLock } from './memory/patient-lock.ts';
import type { QueueSpace } from './memory/space.ts';
import { Ledger } from './tasks/ledger.ts';
import { CONTENDED, NOT_YET, type Unsuccessful } from './waiting/attempt.ts';

/** Messages between two looks at the desks, under load. Whoever finds the log empty looks there, too. */
const DESKS_EVERY = 64;
/** How long to wait for a desk when all are in use. */
const DESK_PAUSE_MS = 1;
/** First byte of a pickle that is plain data: no module, no descriptor, no code of the user. */
const PLAIN = 0x50;

const NOTHING: readonly never[] = [];

/** Takes messages out of the log, one process at a time, and decodes them. */
export class Getter {
  /** Of a joinable queue. */
  readonly ledger: Ledger | undefined;
  readonly #words: Int32Array;
  readonly #blocks: BlockTable;
  readonly #channel: DescriptorChannel;
  readonly #log: LogReader;
  readonly #desks: Desks;
  readonly #decoding: Decoding;
  readonly #lock: PatientLock;
  readonly #incoming: { bytes: Uint8Array; start: number; end: number } = {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
  };
  readonly #onUndecodable: () => void;
  #takes = 0;

  /** @param onUndecodable - called when a message was taken that nobody will ever have */
  constructor(
    space: QueueSpace,
    blocks: BlockTable,
    channel: DescriptorChannel,
    joinable: boolean,
    onUndecodable: () => void,
  ) {
    const desks = new Desks(space);
    this.#words = space.words;
    this.#blocks = blocks;
    this.#channel = channel;
    this.#log = new LogReader(space);
    this.#desks = desks;
    this.ledger = joinable ? new Ledger(space, (number) => desks.has(number)) : undefined;
    this.#decoding = new Decoding(space, blocks, this.ledger, onUndecodable);
    this.#lock = new PatientLock(space.words, READER_LOCK);
    this.#onUndecodable = onUndecodable;
  }

  /** Whether trying is in vain at the moment. */
  get isEmpty(): boolean {
    if (Atomics.load(this.#words, PUT) !== Atomics.load(this.#words, TAKEN) || this.#decoding.hasHeld) return false;
    const desk = this.#desks.adopt();
    desk?.leave();
    return desk === undefined;
  }

  /**
   * Takes a message.
   *
   * @param sync - false: the result is a promise if a module has to be loaded first
   */
  take(sync: boolean): unknown | Unsuccessful {
    const words = this.#words;
    if (this.#decoding.hasHeld) return this.#decoding.decodeHeld(sync);
    // Read first: what was put before the queue was shut down is seen below.
    const flags = Atomics.load(words, FLAGS);
    if ((flags & DRAINED) !== 0) this.#refuse();
    if (Atomics.load(words, PUT) === Atomics.load(words, TAKEN)) return this.#takeAbandoned(flags, sync);
    if (++this.#takes % DESKS_EVERY === 0 && this.#desks.inUse) {
      const outcome = this.#takeAbandoned(0, sync);
      if (outcome !== NOT_YET) return outcome;
    }
    if (!this.#lock.tryAcquire()) return CONTENDED;
    let claim: Claim | undefined;
    try {
      // Somebody else was quicker.
      if (Atomics.load(words, PUT) === words[TAKEN]) return CONTENDED;
      if (words[CLAIMING] !== 0) this.#undoClaim();
      const log = this.#log;
      log.look();
      if ((log.second & IN_BLOCK) === 0 && log.bytes[log.start] === PLAIN) return this.#decodeInPlace();
      claim = this.#claim();
    } finally {
      this.#lock.release();
    }
    if (claim !== undefined) return this.#decoding.decode(claim, sync);
    const inUse = Atomics.load(words, DESKS_IN_USE);
    futexWaitSync(words, DESKS_IN_USE, inUse, DESK_PAUSE_MS);
    return CONTENDED;
  }

  /** Throws away everything that can be taken. The queue must be shut. */
  drain(): void {
    let count = 0;
    this.#lock.acquire();
    try {
      if (this.#words[CLAIMING] !== 0) this.#undoClaim();
      for (; Atomics.load(this.#words, PUT) !== this.#words[TAKEN]; count++) {
        this.#log.look();
        try {
          for (const descriptor of this.#receiveDescriptors(this.#log.second)) closeDescriptor(descriptor);
        } catch {
          // They are gone, which is what is wanted.
        }
        this.#discard();
      }
    } finally {
      this.#lock.release();
    }
    for (let desk = this.#desks.adopt(); desk !== undefined; desk = this.#desks.adopt()) {
      if ((desk.second & IN_BLOCK) !== 0) this.#blocks.free(readLabel(desk.bytes, 0).block);
      desk.clear();
      desk.leave();
      count++;
    }
    this.ledger?.giveUp(count);
  }

  /** This process has been forked from the one that had the queue. */
  forked(): void {
    this.#decoding.forget();
    this.ledger?.forget();
  }

  close(): void {
    this.#decoding.close();
    this.ledger?.close();
  }

  /** No user code can run while such a message is decoded, so the log may stay locked meanwhile. */
  #decodeInPlace(): unknown {
    const log = this.#log;
    const incoming = this.#incoming;
    incoming.bytes = log.bytes;
    incoming.start = log.start;
    incoming.end = log.end;
    let decoded = false;
    this.ledger?.taking(log.number);
    try {
      const value = unpickler.finish(incoming);
      decoded = true;
      return value;
    } finally {
      log.take();
      this.ledger?.took();
      if (!decoded) this.#onUndecodable();
    }
  }

  /** Puts the message on a desk and takes it. Undefined: every desk is in use at the moment. */
  #claim(): Claim | undefined {
    const log = this.#log;
    const index = this.#desks.occupyEmpty();
    if (index === undefined) return undefined;
    const desk = this.#desks.all[index]!;
    const { second } = log;
    let descriptors: readonly number[] = NOTHING;
    try {
      descriptors = this.#receiveDescriptors(second);
    } catch (error) {
      desk.leave();
      this.#discard();
      this.ledger?.giveUp(1);
      throw error;
    }
    Atomics.store(this.#words, CLAIMING, index + 1);
    desk.lay(log.number, second, log.bytes, log.start, log.end);
    log.take();
    Atomics.store(this.#words, CLAIMING, 0);
    return this.#decoding.open(desk, descriptors);
  }

  /** Who had the lock before us was killed while it put a message on a desk: it is there, or still in the log. */
  #undoClaim(): void {
    const desk = this.#desks.all[this.#words[CLAIMING]! - 1]!;
    if (desk.occupied && desk.number === this.#words[TAKEN]!) desk.clear();
    Atomics.store(this.#words, CLAIMING, 0);
  }

  /** A message whose reader was killed before it had decoded it. */
  #takeAbandoned(flags: number, sync: boolean): unknown | Unsuccessful {
    const desk = this.#desks.adopt();
    if (desk === undefined) {
      if ((flags & SHUT) !== 0) throw shutDown();
      return NOT_YET;
    }
    if (!this.#isOnDesk(desk)) {
      desk.leave();
      return CONTENDED;
    }
    const claim = this.#decoding.open(desk, NOTHING);
    const count = (desk.second >>> DESCRIPTORS_SHIFT) & 0xff;
    return count > 0 ? this.#decoding.fail(claim, descriptorsGone(count)) : this.#decoding.decode(claim, sync);
  }

  /** Whether the message on a desk is there, and not in the log any more. */
  #isOnDesk(desk: Desk): boolean {
    if (!this.#lock.tryAcquire()) return false;
    if (this.#words[CLAIMING] !== 0) this.#undoClaim();
    this.#lock.release();
    return desk.occupied;
  }

  #refuse(): never {
    // If whoever shut it down was killed before it had drained it.
    if (Atomics.load(this.#words, PUT) !== Atomics.load(this.#words, TAKEN)) this.drain();
    throw shutDown();
  }

  /** Takes the message that the log shows, and what belongs to it, without decoding. */
  #discard(): void {
    const log = this.#log;
    const block = (log.second & IN_BLOCK) === 0 ? undefined : readLabel(log.bytes, log.start).block;
    log.take();
    if (block !== undefined) this.#blocks.free(block);
  }

  #receiveDescriptors(second: number): readonly number[] {
    const count = (second >>> DESCRIPTORS_SHIFT) & 0xff;
    if (count === 0) return NOTHING;
    const descriptors = this.#channel.receive(this.#log.number, second >>> TAG_SHIFT, count);
    if (descriptors === undefined) throw descriptorsGone(count);
    return descriptors;
  }
}

const descriptorsGone = (count: number): BrokenPipeError =>
  new BrokenPipeError(
    `The ${count} descriptors of a message are gone: another process took them from this queue and was killed before it had the message. The message is skipped; get again.`,
  );

const shutDown = (): QueueShutDownError =>
  new QueueShutDownError('get: the queue was shut down, and nothing is left in it.');
