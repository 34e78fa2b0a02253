import type { Connection } from '@mp/connection/internal';
import {
  closeDescriptor,
  openProcess,
  PollHandle,
  READABLE,
  reapChild,
  signalProcess,
  waitChildSync,
} from '@mp/native';
import type { Report } from '../protocol.ts';
import { numberOfSignal } from '../signal-names.ts';
import { exitCodeOf, UNKNOWN } from './exit-code.ts';
import type { Child, Ending } from './launcher.ts';

/** Process objects that were never closed give back their sentinels when they are collected. */
const unreachable = new FinalizationRegistry<number>(closeDescriptor);

/** A child of ours that libuv knows nothing of: we watch it, and reap it. */
export class ForkedChild implements Child {
  readonly pid: number;
  readonly sentinel: number;
  readonly reports: Connection<Report, never>;
  readonly ended: Promise<Ending>;
  readonly #handle: PollHandle;
  readonly #resolve: (ending: Ending) => void;
  #ending: Ending | undefined;

  constructor(pid: number, reports: Connection<Report, never>) {
    this.pid = pid;
    this.reports = reports;
    this.sentinel = openProcess(pid);
    unreachable.register(this, this.sentinel, this);
    const { promise, resolve } = Promise.withResolvers<Ending>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#handle = new PollHandle(this.sentinel, () => this.#look());
    this.#handle.start(READABLE);
  }

  waitSync(timeout: number): Ending | undefined {
    if (this.#ending === undefined && waitChildSync(this.sentinel, timeout) !== undefined) this.#look();
    return this.#ending;
  }

  signal(name: NodeJS.Signals): void {
    signalProcess(this.sentinel, numberOfSignal(name));
  }

  ref(): void {
    this.#handle.ref();
  }

  unref(): void {
    this.#handle.unref();
  }

  close(): void {
    this.#handle.close();
    this.reports.close();
    unreachable.unregister(this);
    closeDescriptor(this.sentinel);
  }

  #look(): void {
    if (this.#ending !== undefined) return;
    const end = reapChild(this.sentinel);
    if (end === undefined) return;
    this.#ending = end === 'gone' ? UNKNOWN : { exitCode: exitCodeOf(end.code, end.signal) };
    this.#handle.close();
    this.#resolve(this.#ending);
  }
}
