import { Worker } from 'node:worker_threads';
import { Pipe } from '@mp/connection';
import { duplicateAll, type LocalEnd } from '@mp/connection/internal';
import { closeDescriptor, processStartTime } from '@mp/native';
import { familyKey } from '@mp/process/internal';
import type { EngineEvents } from '../engine.ts';
import type { LostWorker } from '../errors.ts';
import type { FromWorker, ToWorker } from '../protocol.ts';
import { RingWorker } from '../ring-worker.ts';
import { threadEntry } from '../thread-entry.ts';
import { EXIT_CODE, NOTE_WORDS, THREAD, type ThreadData } from './thread-data.ts';

let counted = 0;

/**
 * A worker in a thread of its own, as its pool sees it. The other side is thread-main.ts.
 *
 * The descriptors of its end belong to us: a thread that is ended has no chance to close them. And the kernel does not
 * tell that they are not used any more, so we do, when the thread has exited.
 */
export class WorkerThread extends RingWorker {
  readonly name: string;
  readonly #thread: Worker;
  readonly #descriptors: readonly number[] = [];
  readonly #note = new Int32Array(new SharedArrayBuffer(NOTE_WORDS * Int32Array.BYTES_PER_ELEMENT));
  #exitCode: number | undefined;
  #cause: unknown;

  constructor(events: EngineEvents, resourceLimits: import('node:worker_threads').ResourceLimits | undefined) {
    const [ours, theirs] = Pipe<FromWorker, ToWorker>();
    super(ours, events);
    this.name = `PoolThread-${++counted}`;
    const end = theirs.transport as LocalEnd;
    try {
      this.#descriptors = duplicateAll(end.descriptors);
      end.countHolder();
      const workerData: ThreadData = { authkey: familyKey(), descriptors: this.#descriptors, note: this.#note };
      this.#thread = new Worker(threadEntry, {
        workerData,
        name: this.name,
        ...(resourceLimits && { resourceLimits }),
      });
    } catch (error) {
      this.inbox.close();
      ours.close();
      this.#closeDescriptors();
      throw error;
    } finally {
      theirs.close();
    }
    this.#thread.unref();
    this.#thread.on('error', (error) => {
      this.#cause = error;
    });
    this.#thread.on('exit', (code) => this.#ended(code));
  }

  get pid(): number | undefined {
    return this.lost ? undefined : process.pid;
  }

  kill(): void {
    void this.#thread.terminate();
  }

  /** Not known: threads share the memory of their process. */
  memory(): undefined {
    return undefined;
  }

  /** Hands over the answers that are there. True: there were some. */
  pump(): boolean {
    return this.inbox.pump();
  }

  /** Reports the loss if the thread has ended, which the event loop cannot tell a blocked thread. */
  lookWhetherAlive(): void {
    const thread = Atomics.load(this.#note, THREAD);
    if (this.lost || thread === 0 || processStartTime(thread) !== undefined) return;
    this.#ended(Atomics.load(this.#note, EXIT_CODE));
  }

  #ended(code: number): void {
    if (this.lost || this.#exitCode !== undefined) return;
    this.#exitCode = code;
    this.end.pronounceEnded();
    this.inbox.pump();
  }

  protected everythingRead(): void {
    this.reportLoss();
  }

  protected bury(): LostWorker {
    return { worker: this.name, pid: process.pid, exitCode: this.#exitCode, cause: this.#cause };
  }

  protected disconnect(): void {
    this.connection.close();
    this.#closeDescriptors();
  }

  #closeDescriptors(): void {
    for (const descriptor of this.#descriptors) closeDescriptor(descriptor);
  }
}
