import { inspect } from 'node:util';
import type { Connection } from '@mp/connection';
import { relocate } from '@mp/process/internal';
import { PicklingError } from '@mp/reduction';
import { MaybeEncodingError } from '../errors.ts';
import { type Answer, APPLY, type CallMode, DONE, FAILED, type ToWorker } from '../protocol.ts';

/** Sends an answer. One that cannot be pickled is replaced by the reason. */
export async function reply(connection: Connection<ToWorker, Answer>, answer: Answer, mode: CallMode): Promise<void> {
  try {
    await connection.send(answer);
  } catch (error) {
    if (!(error instanceof PicklingError)) throw error;
    await connection.send(replacementFor(answer, mode, error));
  }
}

function replacementFor(answer: Answer, mode: CallMode, error: PicklingError): Answer {
  const [kind, value, failedAt] = answer;
  const verb = kind === DONE ? 'returned' : 'threw';
  const root = kind === DONE ? 'result' : 'error';
  // Of the results of a chunk it is one that is at fault.
  const at = kind === DONE && mode !== APPLY ? /^value\[1\]\[(\d+)\]/.exec(error.path) : null;
  const index = at === null ? failedAt : Number(at[1]);
  const culprit = at === null ? value : (value as readonly unknown[])[Number(at[1])];
  const cause = relocate(error, (path) => path.replace(at?.[0] ?? 'value[1]', root)) as PicklingError;
  const message = `The task ${verb} ${show(culprit)}, which cannot be sent back: ${cause.message}`;
  return [FAILED, new MaybeEncodingError(message, { cause }), index];
}

/** What is shown may be an object of the user that throws when it is looked at. */
function show(value: unknown): string {
  const brief = { depth: 1, maxStringLength: 200, maxArrayLength: 5 };
  try {
    return inspect(value, brief);
  } catch {
    return inspect(value, { ...brief, customInspect: false, getters: false });
  }
}
