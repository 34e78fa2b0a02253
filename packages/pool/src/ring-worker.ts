import { type Connection, waitable } from '@mp/connection';
import { Inbox, type LocalEnd, type Readiness, type Revocable } from '@mp/connection/internal';
import { BrokenPipeError } from '@mp/errors';
import { relocate } from '@mp/process/internal';
import { Pickler } from '@mp/reduction';
import type { EngineEvents, EngineWorker, Request, Ticket } from './engine.ts';
import type { LostWorker } from './errors.ts';
import { type FromWorker, STOP, type ToWorker } from './protocol.ts';
import { readAnswer, writeRequest } from './wire.ts';

/** Buffers from here on are not copied into the message but travel in memory of their own. */
const OUT_OF_BAND_BYTES = 1 << 17;

const pickler = new Pickler({ outOfBand: OUT_OF_BAND_BYTES });

/** A worker at the other end of a pipe, in a process or a thread of its own. The other side is worker/serve.ts. */
export abstract class RingWorker implements EngineWorker {
  protected readonly connection: Connection<FromWorker, ToWorker>;
  protected readonly end: LocalEnd;
  protected readonly inbox: Inbox;
  protected lost = false;
  readonly #events: EngineEvents;
  /** What has to be undone if a message is taken back: who holds a connection in it, for instance, does not get it. */
  readonly #ifTakenBack = new WeakMap<Ticket, readonly (() => void)[]>();

  constructor(connection: Connection<FromWorker, ToWorker>, events: EngineEvents) {
    this.#events = events;
    this.connection = connection;
    this.end = connection.transport as LocalEnd;
    this.inbox = new Inbox(this.end, {
      message: (answer) => events.answered(this, readAnswer(answer as FromWorker)),
      undecodable: (error) => events.undecodable(this, error),
      ended: () => this.everythingRead(),
    });
    this.inbox.open();
  }

  abstract get name(): string;
  abstract get pid(): number | undefined;
  abstract kill(): void;
  abstract memory(): number | undefined;
  /** It has ended, and all of its answers were handed over. */
  protected abstract everythingRead(): void;
  /** How it ended. Called once. */
  protected abstract bury(): LostWorker;

  submit(request: Request): Ticket | undefined {
    let ifNotSent: readonly (() => void)[] | undefined;
    let ticket: Ticket | undefined;
    try {
      const pickle = pickler.pickle(writeRequest(request));
      ifNotSent = pickle.ifNotSent;
      ticket = this.end.sendRevocable(pickle);
    } catch (error) {
      // Else it is gone, and will be reported lost when all of its answers were read.
      if (!(error instanceof BrokenPipeError)) throw relocate(error, pathInRequest);
    } finally {
      if (ticket === undefined) undo(ifNotSent);
    }
    if (ticket !== undefined && ifNotSent !== undefined) this.#ifTakenBack.set(ticket, ifNotSent);
    return ticket;
  }

  takeBack(ticket: Ticket): boolean {
    if (!this.end.revoke(ticket as Revocable)) return false;
    undo(this.#ifTakenBack.get(ticket));
    this.#ifTakenBack.delete(ticket);
    return true;
  }

  get asleep(): boolean {
    return this.end.readerSleeps;
  }

  linger(): boolean {
    if (this.lost) return false;
    // Or the worker would ring, and ask the kernel whether we live, which takes it as long as the answer itself.
    this.end.takeBackSleep();
    this.end.spin(false);
    // In vain, too: it announces our sleep again.
    return this.inbox.pump();
  }

  stop(): void {
    // If it cannot be told it is gone already.
    this.connection.send([STOP]).catch(() => {});
  }

  keepLoopAlive(keep: boolean): void {
    this.inbox.keepLoopAlive(keep);
  }

  /** For a sleep on several workers. */
  get readiness(): Readiness {
    return this.connection[waitable];
  }

  protected reportLoss(): void {
    if (this.lost) return;
    this.lost = true;
    this.inbox.close();
    const how = this.bury();
    // What it had not begun is taken back from the pipe.
    this.#events.lost(this, how);
    this.disconnect();
  }

  /** Lets go of the pipe. */
  protected abstract disconnect(): void;
}

function undo(all: readonly (() => void)[] | undefined): void {
  if (all !== undefined) for (const one of all) one();
}

/** From the message to the names of its parts. */
const pathInRequest = (path: string): string => path.replace(/^value\[2\]/, 'payload').replace(/^value\[3\]/, 'fn');
