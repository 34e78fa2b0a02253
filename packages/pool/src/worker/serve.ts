import type { Connection } from '@mp/connection';
import { EOFError } from '@mp/errors';
import { setImporting } from '@mp/process/internal';
import { type Answer, APPLY, type CallMode, type FromWorker, NOT_RECEIVED, STOP, type ToWorker } from '../protocol.ts';
import { readRequest, writeAnswer } from '../wire.ts';
import { type AnyFunction, perform } from './perform.ts';
import { replyInstead } from './reply.ts';

/** How long tasks are run one after the other before timers and sockets of earlier tasks get their turn. */
const TURN_MS = 10;

/**
 * What a worker does, in a process or a thread of its own: takes one message after the other, and answers it. The pool's
 * side is ring-worker.ts.
 *
 * A message is taken out of the ring only when it is to be worked on: what a killed worker has not begun can be given
 * to another. Resolves when no more work will come.
 */
export async function serve(connection: Connection<ToWorker, FromWorker>): Promise<void> {
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
      const order = readRequest(message);
      mode = order.mode;
      const performed = perform(order, functions);
      answer = performed instanceof Promise ? await performed : performed;
    } catch (error) {
      setImporting(false);
      // The pool is gone: so is whoever wanted an answer.
      if (error instanceof EOFError) break;
      answer = [NOT_RECEIVED, error];
    }
    try {
      await connection.send(writeAnswer(answer, mode));
    } catch (error) {
      await replyInstead(connection, answer, mode, error);
    }
    if (performance.now() > turnEnds) {
      await new Promise(setImmediate);
      turnEnds = performance.now() + TURN_MS;
    }
  }
}
