import type { Connection } from '@mp/connection/internal';
import { closeDescriptor, Deadline, openProcess, PollHandle, pollTwoSync, READABLE, signalProcess } from '@mp/native';
import type { Child, Ending } from '../launch/launcher.ts';
import type { Report } from '../protocol.ts';
import { numberOfSignal } from '../signal-names.ts';
import type { ForkServer, Mourner } from './server.ts';

/** The server died before it could tell how the child ended. Python says the same. */
const UNKNOWN = 255;

/** Process objects that were never closed give back their sentinels when they are collected. */
const unreachable = new FinalizationRegistry<number>(closeDescriptor);

/** A child of the fork server. That it has ended tells its descriptor; how, the server. */
export class ForkServerChild implements Child, Mourner {
  readonly pid: number;
  readonly sentinel: number;
  readonly reports: Connection<Report, never>;
  readonly ended: Promise<Ending>;
  readonly #server: ForkServer;
  readonly #id: number;
  readonly #resolve: (ending: Ending) => void;
  #ending: Ending | undefined;
  #referenced = true;
  /** Only when the server is gone. */
  #handle: PollHandle | undefined;

  constructor(server: ForkServer, id: number, pid: number, reports: Connection<Report, never>) {
    this.pid = pid;
    this.reports = reports;
    this.#server = server;
    this.#id = id;
    this.sentinel = openProcess(pid);
    unreachable.register(this, this.sentinel, this);
    const { promise, resolve } = Promise.withResolvers<Ending>();
    this.ended = promise;
    this.#resolve = resolve;
    server.interest(1);
    server.confirm(id, this);
  }

  waitSync(timeout: number): Ending | undefined {
    const deadline = Deadline.after(timeout);
    for (;;) {
      if (this.#ending !== undefined) return this.#ending;
      const isOver = pollTwoSync(this.sentinel, READABLE, -1, 0, 0) !== 0;
      if (this.#handle !== undefined) {
        if (isOver || pollTwoSync(this.sentinel, READABLE, -1, 0, deadline.remaining()) !== 0) this.#end(UNKNOWN);
        return this.#ending;
      }
      // The server says how in a moment.
      this.#server.waitSync(isOver ? Number.POSITIVE_INFINITY : deadline.remaining());
      if (!isOver && this.#ending === undefined && deadline.expired) return undefined;
    }
  }

  signal(name: NodeJS.Signals): void {
    signalProcess(this.sentinel, numberOfSignal(name));
  }

  ref(): void {
    if (this.#referenced) return;
    this.#referenced = true;
    if (this.#ending === undefined) this.#server.interest(1);
    this.#handle?.ref();
  }

  unref(): void {
    if (!this.#referenced) return;
    this.#referenced = false;
    if (this.#ending === undefined) this.#server.interest(-1);
    this.#handle?.unref();
  }

  close(): void {
    this.#handle?.close();
    this.#server.forget(this.#id);
    this.reports.close();
    unreachable.unregister(this);
    closeDescriptor(this.sentinel);
  }

  hasEnded(exitCode: number): void {
    this.#end(exitCode);
  }

  serverLost(): void {
    this.#handle = new PollHandle(this.sentinel, () => this.#end(UNKNOWN));
    this.#handle.start(READABLE);
    if (!this.#referenced) this.#handle.unref();
  }

  #end(exitCode: number): void {
    if (this.#ending !== undefined) return;
    this.#ending = { exitCode };
    if (this.#referenced) this.#server.interest(-1);
    this.#handle?.close();
    this.#resolve(this.#ending);
  }
}
