import type { ResourceLimits } from 'node:worker_threads';
import { sleepUntilOneIsReady } from '@mp/connection/internal';
import type { Engine, EngineEvents, EngineWorker } from '../engine.ts';
import { WorkerThread } from './worker-thread.ts';

/** How often who blocks the thread looks whether the others live. */
const LOOK_EVERY_MS = 100;

/** Workers that are threads. */
export class ThreadEngine implements Engine {
  readonly #resourceLimits: ResourceLimits | undefined;
  readonly #workers = new Set<WorkerThread>();

  constructor(resourceLimits: ResourceLimits | undefined) {
    this.#resourceLimits = resourceLimits;
  }

  startWorker(events: EngineEvents): EngineWorker {
    const worker = new WorkerThread(
      {
        answered: (worker, answer) => events.answered(worker, answer),
        undecodable: (worker, error) => events.undecodable(worker, error),
        lost: (lost, how) => {
          this.#workers.delete(worker);
          events.lost(lost, how);
        },
      },
      this.#resourceLimits,
    );
    this.#workers.add(worker);
    return worker;
  }

  waitSync(timeout: number): void {
    const workers = [...this.#workers];
    sleepUntilOneIsReady(
      workers.map(({ readiness }) => readiness),
      Math.min(timeout, LOOK_EVERY_MS),
    );
    let pumped = false;
    for (const worker of workers) pumped = worker.pump() || pumped;
    if (!pumped) for (const worker of workers) worker.lookWhetherAlive();
  }

  close(): void {}
}
