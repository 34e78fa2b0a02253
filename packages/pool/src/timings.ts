import { type Channel, channel } from 'node:diagnostics_channel';
import type { EngineWorker } from './engine.ts';
import { describe, type Work } from './work.ts';

/** What is published on the channel `mp.pool.task` when a task has been answered. */
export interface TaskTiming {
  /** As errors call it: `square()`, `items[0] to items[9] of map(square)`. */
  readonly task: string;
  /** The name of the worker that did it. */
  readonly worker: string;
  /** Of the worker; of a thread, that of its process. */
  readonly pid: number | undefined;
  /** From when the worker could begin until its answer was here, in milliseconds. */
  readonly duration: number;
  /** What became of it. */
  readonly outcome: 'completed' | 'failed' | 'lost';
}

/** What is published on the channel `mp.pool.worker` when a worker is started and when it has ended. */
export interface WorkerEvent {
  /** What has happened to it. */
  readonly event: 'started' | 'ended';
  /** The name of the worker. */
  readonly worker: string;
  /** Undefined of one that was started by `fork`, which takes a turn of the event loop. */
  readonly pid: number | undefined;
  /** Of one that has ended: as in `Process.exitCode`. Undefined of one that could not be started. */
  readonly exitCode: number | undefined;
  /** Tasks that it has answered. */
  readonly tasks: number;
  /** How long it has worked on them, in milliseconds. */
  readonly busy: number;
}

export const taskChannel: Channel = channel('mp.pool.task');
export const workerChannel: Channel = channel('mp.pool.worker');

/** A task has been answered, and somebody wants to know. */
export function publishTask(
  { name }: EngineWorker,
  pid: number | undefined,
  work: Work,
  duration: number,
  outcome: TaskTiming['outcome'],
): void {
  const timing: TaskTiming = { task: describe(work), worker: name, pid, duration, outcome };
  taskChannel.publish(timing);
}
