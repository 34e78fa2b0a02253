import { inspect } from 'node:util';
import type { Connection } from '@mp/connection';
import { EOFError } from '@mp/errors';
import { PicklingError } from '@mp/reduction';
import { MaybeEncodingError } from '../errors.ts';
import {
  type Answer,
  APPLY,
  DONE,
  FAILED,
  NOT_RECEIVED,
  STARMAP,
  STOP,
  type ToWorker,
  UNKNOWN_FUNCTION,
} from '../protocol.ts';

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
  const functions = new Map<number, AnyFunction>();
  let turnEnds = performance.now() + TURN_MS;
  for (;;) {
    let message: ToWorker;
    let answer: Answer;
    try {
      message = await connection.recv();
      if (message[0] === STOP) break;
      answer = await perform(message, functions);
    } catch (error) {
      // The pool is gone: so is whoever wanted an answer.
      if (error instanceof EOFError) break;
      answer = [NOT_RECEIVED, error];
    }
    await reply(connection, answer);
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
  try {
    if (mode === APPLY) return [DONE, await known(...payload)];
    const results: unknown[] = [];
    for (const item of payload) {
      const result = mode === STARMAP ? known(...(item as readonly unknown[])) : known(item);
      results.push(isThenable(result) ? await result : result);
    }
    return [DONE, results];
  } catch (error) {
    return [FAILED, error];
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<unknown>>).then === 'function';

/** Sends an answer. One that cannot be pickled is replaced by the reason. */
async function reply(connection: Connection<ToWorker, Answer>, answer: Answer): Promise<void> {
  try {
    await connection.send(answer);
  } catch (error) {
    if (!(error instanceof PicklingError)) throw error;
    const shown = inspect(answer[1], { depth: 1, maxStringLength: 200, maxArrayLength: 5 });
    await connection.send([
      FAILED,
      new MaybeEncodingError(`The task returned ${shown}, which cannot be sent back: ${error.message}`, {
        cause: error,
      }),
    ]);
  }
}
