import { sleepUntilOneIsReady } from '@mp/connection/internal';
import type { Context } from '@mp/context';
import { DeadlockError } from '@mp/errors';
import type { Engine, EngineEvents, EngineWorker } from '../engine.ts';
import { WorkerProcess } from './worker-process.ts';

/** Workers that are processes. */
export class ProcessEngine implements Engine {
  readonly #context: Context;
  readonly #workers = new Set<WorkerProcess>();

  constructor(context: Context) {
    this.#context = context;
  }

  startWorker(events: EngineEvents): EngineWorker {
    const worker = new WorkerProcess(this.#context, {
      answered: (worker, answer) => events.answered(worker, answer),
      undecodable: (worker, error) => events.undecodable(worker, error),
      lost: (lost, how) => {
        this.#workers.delete(worker);
        events.lost(lost, how);
      },
    });
    this.#workers.add(worker);
    return worker;
  }

  waitSync(timeout: number): void {
    const workers = [...this.#workers];
    if (workers.length > 0 && workers.every(({ waitsForLoop }) => waitsForLoop)) {
      throw new DeadlockError(
        'The workers of this pool are to be forked in the next turn of the event loop, which this call would block for ever. Await something first: a call of the pool in its promise form, for instance.',
      );
    }
    sleepUntilOneIsReady(
      workers.map(({ readiness }) => readiness),
      timeout,
    );
    for (const worker of workers) worker.pumpSync();
  }

  close(): void {}
}
