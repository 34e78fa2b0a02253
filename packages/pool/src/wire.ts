import type { Request } from './engine.ts';
import { bytesOf, doublesOf, integersOf, isNumbers, type List, numbersToSend } from './numbers.ts';
import {
  type Answer,
  type CallMode,
  DONE,
  DONE_FLOAT64,
  DONE_INT32,
  type FromWorker,
  MAP,
  MAP_FLOAT64,
  MAP_INT32,
  STARMAP,
  type STOP,
  type ToWorker,
} from './protocol.ts';

/** What a worker is asked to do, when it has been read. */
export interface Order {
  readonly mode: CallMode;
  readonly functionId: number;
  readonly payload: List;
  readonly fn: ((...args: never[]) => unknown) | undefined;
}

export function writeRequest({ mode, functionId, payload, fn }: Request): ToWorker {
  if (isNumbers(payload)) {
    const kind = payload instanceof Int32Array ? MAP_INT32 : MAP_FLOAT64;
    const bytes = bytesOf(payload);
    return fn === undefined ? [kind, functionId, bytes] : [kind, functionId, bytes, fn];
  }
  return fn === undefined ? [mode, functionId, payload] : [mode, functionId, payload, fn];
}

export function readRequest(message: Exclude<ToWorker, readonly [typeof STOP]>): Order {
  const functionId = message[1];
  const fn = message[3];
  if (message[0] !== MAP_INT32 && message[0] !== MAP_FLOAT64) {
    return { mode: message[0], functionId, payload: message[2] as readonly unknown[], fn };
  }
  const bytes = message[2] as Uint8Array;
  return { mode: MAP, functionId, payload: message[0] === MAP_INT32 ? integersOf(bytes) : doublesOf(bytes), fn };
}

/** @param mode - of the request: what a single call has returned stays what it is */
export function writeAnswer(answer: Answer, mode: CallMode): FromWorker {
  if (answer[0] !== DONE || (mode !== MAP && mode !== STARMAP)) return answer;
  const results = answer[1] as List;
  const numbers = isNumbers(results) ? results : numbersToSend(results, 0, results.length);
  if (numbers === undefined) return answer;
  return [numbers instanceof Int32Array ? DONE_INT32 : DONE_FLOAT64, bytesOf(numbers)];
}

export function readAnswer(message: FromWorker): Answer {
  if (message[0] === DONE_INT32) return [DONE, integersOf(message[1] as Uint8Array)];
  if (message[0] === DONE_FLOAT64) return [DONE, doublesOf(message[1] as Uint8Array)];
  return message as Answer;
}
