import type { LostWorker } from './errors.ts';
import type { List } from './numbers.ts';
import type { Answer, CallMode } from './protocol.ts';

/**
 * What the dispatcher knows of those who do the work: processes, threads, some day other machines.
 *
 *     Pool ──▶ Dispatcher: what is to be done, who does what
 *                  │ submit, takeBack, stop, kill          ▲ answered, undecodable, lost
 *                  ▼                                       │
 *              EngineWorker … EngineWorker ────────────────┘
 *
 * A worker works off what was submitted to it strictly in order, one piece at a time, and answers each piece with
 * exactly one event in the same order, unless it is lost first. An engine that cannot promise that its events arrive once
 * names the ticket that an answer belongs to: an answer that comes again, or too late, is ignored then, and one that is
 * not for the oldest piece shows that answers were lost, which counts as the loss of the worker.
 */
export interface Engine {
  /** Starts one more worker, which may be given work at once. Throws if that is impossible. */
  startWorker(events: EngineEvents): EngineWorker;
  /** Blocks the thread until some worker has done something, at most `timeout` milliseconds; then calls the events. */
  waitSync(timeout: number): void;
  /** What was started is not needed any more. */
  close(): void;
}

/** One piece of work. */
export interface Request {
  readonly mode: CallMode;
  /** The function to call, by the number under which this pool knows it. */
  readonly functionId: number;
  /** The function itself, for a worker that does not have it yet. */
  readonly fn: ((...args: never[]) => unknown) | undefined;
  /** One tuple of arguments, or a list of items, as `mode` says. */
  readonly payload: List;
}

/** Stands for a piece of work that was submitted. Only the engine that made it looks into it. */
export type Ticket = object;

export interface EngineWorker {
  readonly name: string;
  readonly pid: number | undefined;
  /**
   * Hands over one more piece of work.
   *
   * @returns undefined: it has no room for more; try again after its next answer
   * @throws PicklingError if the work cannot travel: nothing was handed over
   */
  submit(request: Request): Ticket | undefined;
  /** It has done all that was submitted, and sleeps until more comes. */
  readonly asleep: boolean;
  /** Takes a piece of work back that the worker has not begun. False: it has begun. Possible after its loss, too. */
  takeBack(ticket: Ticket): boolean;
  /** Looks for an answer for a moment, blocking the thread, and calls the events. False: there was none. */
  linger(): boolean;
  /** Ends when everything that was submitted is answered. */
  stop(): void;
  /** Ends now. */
  kill(): void;
  /** How many bytes of memory it has; undefined: not known. */
  memory(): number | undefined;
  /** Whether this worker keeps the event loop alive. */
  keepLoopAlive(keep: boolean): void;
}

export interface EngineEvents {
  /** The answer to the oldest piece of work of this worker that has none. */
  answered(worker: EngineWorker, answer: Answer, ticket?: Ticket): void;
  /** The same, but the answer could not be decoded. */
  undecodable(worker: EngineWorker, error: unknown, ticket?: Ticket): void;
  /** The worker has ended, asked to or not. No more events come from it. */
  lost(worker: EngineWorker, how: LostWorker): void;
}
