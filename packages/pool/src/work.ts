import type { EngineWorker } from './engine.ts';
import type { List } from './numbers.ts';
import { APPLY, type CallMode, INITIALIZE } from './protocol.ts';

/** A piece of work and who wants to know what becomes of it. */
export interface Work {
  readonly mode: CallMode;
  readonly functionId: number;
  readonly fn: (...args: never[]) => unknown;
  /** One list of arguments, or some items of a map. */
  readonly payload: List;
  /** How the call of the user that this belongs to is called in messages: `square()`, `map(square)`. */
  readonly task: string;
  /** Which item of the map comes first in it. */
  readonly first: number;
  /** How often it may be given to another worker yet, if its worker is lost. */
  retries: number;
  done(result: unknown): void;
  failed(error: unknown): void;
}

/** How it is called in messages; with `index`, only that one of its items. */
export function describe({ mode, task, first, payload }: Work, index?: number): string {
  if (mode === APPLY || mode === INITIALIZE) return task;
  if (index !== undefined) return `items[${first + index}] of ${task}`;
  if (payload.length === 1) return `items[${first}] of ${task}`;
  return `items[${first}] to items[${first + payload.length - 1}] of ${task}`;
}

/** From a path in what an engine was given to the path in what the user has passed. */
export function pathInCall({ mode, first }: Work, path: string): string {
  if (mode === INITIALIZE) return path.replace(/^payload/, 'initargs').replace(/^fn/, 'initializer');
  if (mode === APPLY) return path.replace(/^payload/, 'args');
  return path.replace(/^payload\[(\d+)\]/, (_, index) => `items[${first + Number(index)}]`);
}

/** Where it was done, as it stands in the stack of its error. */
export const originOf = ({ name, pid }: EngineWorker, work: Work, index: number | undefined): string =>
  `${name} (pid ${pid}): ${describe(work, index)}`;
