import type { Connection } from '@mp/connection';
import { EOFError } from '@mp/errors';
import { setImporting } from '@mp/process/internal';
import {
  type Answer,
  APPLY,
  type CallMode,
  DONE,
  FAILED,
  INITIALIZE,
  MAP,
  MAP_EACH,
  NOT_RECEIVED,
  type Outcomes,
  STARMAP,
  STOP,
  type ToWorker,
  UNKNOWN_FUNCTION,
} from '../protocol.ts';
import { closeInheritedEnds } from './inherited-ends.ts';
import { reply } from './reply.ts';

type AnyFunction = (...args: readonly unknown[]) => unknown;

/** How long tasks are run one after the other before timers and sockets of earlier tasks get their turn. */
const TURN_MS = 10;

/**
 * What a worker process runs: takes one message after the other, and answers it. The pool's side is worker-process.ts.
 *
 * A message is taken out of the ring only when it is to be worked on: what a killed worker has not begun can be given
 * to another.
 */
export async function runWorker(connection: Connection<ToWorker, Answer>): Promise<void> {
  closeInheritedEnds(connection);
  const functions = new Map<number, AnyFunction>();
  let turnEnds = performance.now() + TURN_MS;
  for (;;) {
    let answer: Answer;
    let mode: CallMode = APPLY;
    try {
      // Which imports the module of a function that comes for the first time.
      setImporting(true);
      const message = await connection.recv();
      setImporting(false);
      if (message[0] === STOP) break;
      mode = message[0];
      answer = await perform(message, functions);
    } catch (error) {
      setImporting(false);
      // The pool is gone: so is whoever wanted an answer.
      if (error instanceof EOFError) break;
      answer = [NOT_RECEIVED, error];
    }
    await reply(connection, answer, mode);
    if (performance.now() > turnEnds) {
      await new Promise(setImmediate);
      turnEnds = performance.now() + TURN_MS;
    }
  }
  connection.close();
  // Timers and sockets that tasks have left behind would keep the worker, and whoever joins the pool.
  process.exit();
}

async function perform(
  message: Exclude<ToWorker, readonly [typeof STOP]>,
  functions: Map<number, AnyFunction>,
): Promise<Answer> {
  const [mode, functionId, payload, fn] = message;
  if (fn !== undefined) functions.set(functionId, fn as AnyFunction);
  const known = functions.get(functionId);
  if (known === undefined) return [UNKNOWN_FUNCTION];
  if (mode === MAP_EACH) return [DONE, await performEach(known, payload)];
  const results: unknown[] = [];
  try {
    if (mode === APPLY || mode === INITIALIZE) return [DONE, await known(...payload)];
    while (results.length < payload.length) {
      const pending = performSome(mode, known, payload, results);
      if (pending !== undefined) results.push(await pending);
    }
    return [DONE, results];
  } catch (error) {
    return [FAILED, error, mode === MAP || mode === STARMAP ? results.length : undefined];
  }
}

async function performEach(fn: AnyFunction, items: readonly unknown[]): Promise<Outcomes> {
  const values: unknown[] = [];
  const errors: [index: number, error: unknown][] = [];
  while (values.length < items.length) {
    try {
      const pending = performSome(MAP_EACH, fn, items, values);
      if (pending !== undefined) values.push(await pending);
    } catch (error) {
      errors.push([values.length, error]);
      values.push(undefined);
    }
  }
  return { values, errors };
}

/**
 * Goes on until the function returns a promise, and returns that. Apart from the `await`, because a loop that has one in
 * it takes several times as long for each item.
 */
function performSome(
  mode: CallMode,
  fn: AnyFunction,
  items: readonly unknown[],
  results: unknown[],
): PromiseLike<unknown> | undefined {
  for (let i = results.length; i < items.length; i++) {
    const result = mode === STARMAP ? fn(...(items[i] as readonly unknown[])) : fn(items[i]);
    if (isThenable(result)) return result;
    results.push(result);
  }
  return undefined;
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
