import type { ChildProcess } from 'node:child_process';
import { type Connection, Inbox, Pipe, sleepUntilOneIsReady, waitable } from '@mp/connection/internal';
import { BrokenPipeError } from '@mp/errors';
import { forkserverEntry } from '../child-entry.ts';
import { StartError } from '../errors.ts';
import { startNode } from '../launch/start-node.ts';
import { currentPreload } from './preload.ts';
import type { FromServer, StartRequest, ToServer } from './protocol.ts';
import { orderRehearsal } from './rehearsal-order.ts';

/** A child that the server was asked for. */
export interface PendingStart {
  readonly id: number;
  /** Its pid. Rejects with StartError. */
  readonly started: Promise<number>;
  /** The same as soon as it is known. */
  outcome: number | StartError | undefined;
}

/** Who wants to know how a child ended. */
export interface Mourner {
  hasEnded(exitCode: number): void;
  /** The server is gone, and will tell nothing more. */
  serverLost(): void;
}

interface Waiting extends PendingStart {
  readonly settle: (outcome: number | StartError) => void;
}

/** The fork server of this process, as this process sees it. The server's own side is main.ts. */
export class ForkServer {
  readonly #process: ChildProcess;
  readonly #connection: Connection<FromServer, ToServer>;
  readonly #inbox: Inbox;
  readonly #pending = new Map<number, Waiting>();
  readonly #mourners = new Map<number, Mourner>();
  readonly #givenUp = new Set<number>();
  #ids = 0;
  #lost = false;
  #retiring = false;
  #interested = 0;

  constructor() {
    const [ours, theirs] = Pipe<FromServer, ToServer>();
    try {
      const rehearsal = orderRehearsal();
      try {
        ours.sendSync({ kind: 'setup', argv: process.argv.slice(1), ...currentPreload(), rehearsal });
      } finally {
        rehearsal.close();
      }
      this.#process = startNode(forkserverEntry, theirs);
    } catch (error) {
      ours.close();
      throw error;
    } finally {
      theirs.close();
    }
    // It is there as long as we are, but nobody waits for it.
    this.#process.unref();
    this.#connection = ours;
    this.#inbox = new Inbox(ours.transport, {
      message: (message) => this.#hear(message as FromServer),
      undecodable: () => this.#lose(),
      ended: () => this.#lose(),
    });
    this.#inbox.open();
  }

  /** It has died. */
  get lost(): boolean {
    if (!this.#lost && this.#connection.transport.checkEnded()) this.#inbox.pump();
    return this.#lost;
  }

  /** Asks for a child. `end` is the child's end of a connection; it may be closed here afterwards. */
  requestStart(end: StartRequest['end']): PendingStart {
    const id = ++this.#ids;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    // Whoever waits in the blocking form does not look at it.
    promise.catch(() => {});
    const waiting: Waiting = {
      id,
      started: promise,
      outcome: undefined,
      settle: (outcome) => {
        waiting.outcome = outcome;
        this.#pending.delete(id);
        this.#interest(-1);
        if (typeof outcome === 'number') resolve(outcome);
        else reject(outcome);
      },
    };
    try {
      this.#connection.sendSync({ kind: 'start', id, end, env: { ...process.env }, cwd: process.cwd() });
    } catch (error) {
      if (!(error instanceof BrokenPipeError)) throw error;
      this.#lose();
      throw this.#died();
    }
    this.#pending.set(id, waiting);
    this.#interest(1);
    return waiting;
  }

  /** Blocks the thread until the child has been started. */
  waitForStart(pending: PendingStart): number {
    while (pending.outcome === undefined) this.waitSync(Number.POSITIVE_INFINITY);
    if (typeof pending.outcome === 'number') return pending.outcome;
    throw pending.outcome;
  }

  /** Blocks the thread until the server has said something, at most `timeout` milliseconds. */
  waitSync(timeout: number): void {
    if (this.#inbox.pump() || this.#lost) return;
    sleepUntilOneIsReady([this.#connection[waitable]], timeout);
    this.#inbox.pump();
  }

  /** The child has been noted: its number may be given away when it has ended, which `mourner` is told. */
  confirm(id: number, mourner: Mourner): void {
    this.#mourners.set(id, mourner);
    if (this.#lost) mourner.serverLost();
    else this.#connection.send({ kind: 'opened', id }).catch(() => {});
  }

  /** Nobody waits for this child any more: if it is started after all, it is ended at once. */
  giveUp(pending: PendingStart): void {
    if (typeof pending.outcome === 'number') this.abandon(pending.id, pending.outcome);
    if (!this.#pending.delete(pending.id)) return;
    this.#givenUp.add(pending.id);
    this.#interest(-1);
    this.#retireIfUnused();
  }

  /** A child that was started in vain. Until it is confirmed, its number is not given to another process. */
  abandon(id: number, pid: number): void {
    process.kill(pid, 'SIGKILL');
    this.#connection.send({ kind: 'opened', id }).catch(() => {});
  }

  /** A child that nobody asks for any more. */
  forget(id: number): void {
    this.#mourners.delete(id);
    this.#retireIfUnused();
  }

  /** Somebody waits for what it says: the event loop stays alive (1), or not any more (-1). */
  interest(difference: 1 | -1): void {
    this.#interest(difference);
  }

  /** No more children; it ends when those that it has have ended. */
  retire(): void {
    this.#retiring = true;
    this.#retireIfUnused();
  }

  /** In a forked child. */
  leaveToParent(): void {
    this.#inbox.close();
    this.#connection.close();
  }

  #retireIfUnused(): void {
    if (this.#retiring && this.#mourners.size === 0 && this.#pending.size === 0) this.#close();
  }

  #interest(difference: number): void {
    const before = this.#interested > 0;
    this.#interested += difference;
    if (!this.#lost && before !== this.#interested > 0) this.#inbox.keepLoopAlive(this.#interested > 0);
  }

  #hear(message: FromServer): void {
    if (message.kind === 'ended') {
      const mourner = this.#mourners.get(message.id);
      this.#mourners.delete(message.id);
      mourner?.hasEnded(message.exitCode);
      this.#retireIfUnused();
      return;
    }
    if (this.#givenUp.delete(message.id)) {
      if (message.kind === 'started') this.abandon(message.id, message.pid);
      return;
    }
    const refused = message.kind === 'refused' ? new StartError(`The fork server: ${message.reason}`) : undefined;
    this.#pending.get(message.id)?.settle(refused ?? (message as { pid: number }).pid);
  }

  #lose(): void {
    this.#close();
    const error = this.#died();
    for (const pending of [...this.#pending.values()]) pending.settle(error);
    for (const mourner of [...this.#mourners.values()]) mourner.serverLost();
    this.#mourners.clear();
  }

  #died(): StartError {
    return new StartError(
      `The fork server (pid ${this.#process.pid}) has ended before it could start a process. If it was to preload modules with onError: 'fail', what it has printed says which of them failed. The next start tries with a new server.`,
    );
  }

  #close(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#inbox.close();
    // Not under the feet of the inbox, which may be the one to tell us.
    queueMicrotask(() => this.#connection.close());
  }
}
