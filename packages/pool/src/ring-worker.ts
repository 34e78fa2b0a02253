import { type Connection, waitable } from '@mp/connection';
import { Inbox, type LocalEnd, type Readiness, type Revocable } from '@mp/connection/internal';
import { BrokenPipeError } from '@mp/errors';
import { relocate } from '@mp/process/internal';
import { Pickler } from '@mp/reduction';
import type { EngineEvents, EngineWorker, Request, Ticket } from './engine.ts';
import type { LostWorker } from './errors.ts';
import { type Answer, STOP, type ToWorker } from './protocol.ts';

/** Buffers from here on are not copied into the message but travel in memory of their own. */
const OUT_OF_BAND_BYTES = 1 << 17;

const pickler = new Pickler({ outOfBand: OUT_OF_BAND_BYTES });

/** A worker at the other end of a pipe, in a process or a thread of its own. The other side is worker/serve.ts. */
export abstract class RingWorker implements EngineWorker {
  protected readonly connection: Connection<Answer, ToWorker>;
  protected readonly end: LocalEnd;
  protected readonly inbox: Inbox;
  protected lost = false;
  readonly #events: EngineEvents;

  constructor(connection: Connection<Answer, ToWorker>, events: EngineEvents) {
    this.#events = events;
    this.connection = connection;
    this.end = connection.transport as LocalEnd;
    this.inbox = new Inbox(this.end, {
      message: (answer) => events.answered(this, answer as Answer),
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

  submit({ mode, functionId, fn, payload }: Request): Ticket | undefined {
    const message: ToWorker = fn === undefined ? [mode, functionId, payload] : [mode, functionId, payload, fn];
    try {
      return this.end.sendRevocable(pickler.pickle(message));
    } catch (error) {
      // It is gone, and will be reported lost when all of its answers were read.
      if (error instanceof BrokenPipeError) return undefined;
      throw relocate(error, pathInRequest);
    }
  }

  takeBack(ticket: Ticket): boolean {
    return this.end.revoke(ticket as Revocable);
  }

  linger(): boolean {
    return !this.lost && this.end.spin(false) && this.inbox.pump();
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

/** From the message to the names of its parts. */
const pathInRequest = (path: string): string => path.replace(/^value\[2\]/, 'payload').replace(/^value\[3\]/, 'fn');
