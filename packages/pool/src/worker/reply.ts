import { inspect } from 'node:util';
import type { Connection } from '@mp/connection';
import { relocate } from '@mp/process/internal';
import { PicklingError } from '@mp/reduction';
import { MaybeEncodingError } from '../errors.ts';
import {
  type Answer,
  type CallMode,
  DONE,
  FAILED,
  type FromWorker,
  MAP,
  MAP_EACH,
  type Outcomes,
  STARMAP,
  type ToWorker,
} from '../protocol.ts';

/** Sends what is to be said in place of an answer that could not be sent: if it cannot be pickled, the reason. */
export async function replyInstead(
  connection: Connection<ToWorker, FromWorker>,
  answer: Answer,
  mode: CallMode,
  error: unknown,
): Promise<void> {
  if (!(error instanceof PicklingError)) throw error;
  if (mode !== MAP_EACH || answer[0] !== DONE) {
    await connection.send(replacementFor(answer, mode, error));
    return;
  }
  // One item less that can be at fault.
  const rest: Answer = [DONE, withoutCulprit(answer[1] as Outcomes, error)];
  try {
    await connection.send(rest);
  } catch (again) {
    await replyInstead(connection, rest, mode, again);
  }
}

function withoutCulprit({ values, errors }: Outcomes, error: PicklingError): Outcomes {
  const [, kind, at] = /^value\[1\]\.(values|errors)\[(\d+)\]/.exec(error.path) ?? [];
  const place = Number(at);
  if (kind === 'errors') {
    const [index, thrown] = errors[place] as readonly [number, unknown];
    const reason = unsendable('threw', thrown, relocate(error, under(`value[1].errors[${place}][1]`, 'error')));
    return { values, errors: errors.with(place, [index, reason]) };
  }
  const reason = unsendable('returned', values[place], relocate(error, under(`value[1].values[${place}]`, 'result')));
  return { values: values.with(place, undefined), errors: [...errors, [place, reason]] };
}

const under =
  (from: string, to: string) =>
  (path: string): string =>
    path.replace(from, to);

function replacementFor(answer: Answer, mode: CallMode, error: PicklingError): Answer {
  const [kind, value, failedAt] = answer;
  const verb = kind === DONE ? 'returned' : 'threw';
  const root = kind === DONE ? 'result' : 'error';
  // Of the results of a chunk it is one that is at fault.
  const at = kind === DONE && (mode === MAP || mode === STARMAP) ? /^value\[1\]\[(\d+)\]/.exec(error.path) : null;
  const index = at === null ? failedAt : Number(at[1]);
  const culprit = at === null ? value : (value as readonly unknown[])[Number(at[1])];
  return [FAILED, unsendable(verb, culprit, relocate(error, under(at?.[0] ?? 'value[1]', root))), index];
}

function unsendable(verb: string, culprit: unknown, cause: unknown): MaybeEncodingError {
  const { message } = cause as PicklingError;
  return new MaybeEncodingError(`The task ${verb} ${show(culprit)}, which cannot be sent back: ${message}`, { cause });
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
