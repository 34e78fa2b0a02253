import {
  type Answer,
  APPLY,
  type CallMode,
  DONE,
  FAILED,
  INITIALIZE,
  MAP,
  MAP_EACH,
  MOST_FUNCTIONS,
  type Outcomes,
  STARMAP,
  type STOP,
  type ToWorker,
  UNKNOWN_FUNCTION,
} from '../protocol.ts';

export type AnyFunction = (...args: readonly unknown[]) => unknown;

/** Does what a message asks for. Never rejects. */
export async function perform(
  message: Exclude<ToWorker, readonly [typeof STOP]>,
  functions: Map<number, AnyFunction>,
): Promise<Answer> {
  const [mode, functionId, payload, fn] = message;
  if (fn !== undefined) learn(functions, functionId, fn as AnyFunction);
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

/** Forgets the one that came first, if there are too many. */
function learn(functions: Map<number, AnyFunction>, id: number, fn: AnyFunction): void {
  // It is the last one now, whether it was known or not.
  functions.delete(id);
  functions.set(id, fn);
  const [first] = functions.keys();
  if (functions.size > MOST_FUNCTIONS && first !== undefined) functions.delete(first);
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
