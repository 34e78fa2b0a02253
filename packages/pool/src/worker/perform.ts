import {
  type Answer,
  type CallMode,
  DONE,
  FAILED,
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

/**
 * Does what a message asks for. Never throws or rejects.
 *
 * @returns a promise only if the function returns one: what waits for nothing is answered at once
 */
export function perform(
  message: Exclude<ToWorker, readonly [typeof STOP]>,
  functions: Map<number, AnyFunction>,
): Answer | Promise<Answer> {
  const [mode, functionId, payload, fn] = message;
  if (fn !== undefined) learn(functions, functionId, fn as AnyFunction);
  const known = functions.get(functionId);
  if (known === undefined) return [UNKNOWN_FUNCTION];
  if (mode === MAP_EACH) return performEach(known, payload);
  if (mode === MAP || mode === STARMAP) return performAll(mode, known, payload);
  try {
    const result = known(...payload);
    return isThenable(result) ? performed(result) : [DONE, result];
  } catch (error) {
    return [FAILED, error];
  }
}

async function performed(pending: PromiseLike<unknown>): Promise<Answer> {
  try {
    return [DONE, await pending];
  } catch (error) {
    return [FAILED, error];
  }
}

function performAll(
  mode: typeof MAP | typeof STARMAP,
  fn: AnyFunction,
  items: readonly unknown[],
): Answer | Promise<Answer> {
  const run = runOf(items);
  try {
    const pending = performSome(mode, fn, items, run);
    return pending === undefined ? [DONE, run.results] : performRest(mode, fn, items, run, pending);
  } catch (error) {
    return [FAILED, error, run.done];
  }
}

async function performRest(
  mode: typeof MAP | typeof STARMAP,
  fn: AnyFunction,
  items: readonly unknown[],
  run: Run,
  first: PromiseLike<unknown>,
): Promise<Answer> {
  try {
    for (let pending: PromiseLike<unknown> | undefined = first; pending !== undefined; ) {
      run.results[run.done] = await pending;
      run.done++;
      pending = performSome(mode, fn, items, run);
    }
    return [DONE, run.results];
  } catch (error) {
    return [FAILED, error, run.done];
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

/** How far a list of items has come. */
interface Run {
  readonly results: unknown[];
  done: number;
}

/** Room for all results from the beginning: a list that grows takes four times as long. */
const runOf = ({ length }: readonly unknown[]): Run => ({ results: new Array<unknown>(length), done: 0 });

async function performEach(fn: AnyFunction, items: readonly unknown[]): Promise<Answer> {
  const run = runOf(items);
  const errors: [index: number, error: unknown][] = [];
  while (run.done < items.length) {
    try {
      const pending = performSome(MAP_EACH, fn, items, run);
      if (pending !== undefined) run.results[run.done] = await pending;
    } catch (error) {
      errors.push([run.done, error]);
      run.results[run.done] = undefined;
    }
    run.done++;
  }
  const outcomes: Outcomes = { values: run.results, errors };
  return [DONE, outcomes];
}

/**
 * Goes on until the function returns a promise, and returns that, or until it throws: then that item is the next one to
 * be done. Apart from the `await`, because a loop that has one in it takes several times as long for each item.
 */
function performSome(
  mode: CallMode,
  fn: AnyFunction,
  items: readonly unknown[],
  run: Run,
): PromiseLike<unknown> | undefined {
  const { results } = run;
  let i = run.done;
  try {
    for (; i < items.length; i++) {
      const result = mode === STARMAP ? fn(...(items[i] as readonly unknown[])) : fn(items[i]);
      if (typeof result !== 'number' && isThenable(result)) return result;
      results[i] = result;
    }
    return undefined;
  } finally {
    run.done = i;
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
