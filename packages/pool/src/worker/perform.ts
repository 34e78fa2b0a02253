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
  if (mode === MAP || mode === STARMAP) return performAll(mode, known, payload);
  try {
    return [DONE, await known(...payload)];
  } catch (error) {
    return [FAILED, error];
  }
}

async function performAll(
  mode: typeof MAP | typeof STARMAP,
  fn: AnyFunction,
  items: readonly unknown[],
): Promise<Answer> {
  const run = runOf(items);
  try {
    while (run.done < items.length) {
      const pending = performSome(mode, fn, items, run);
      if (pending === undefined) continue;
      run.results[run.done] = await pending;
      run.done++;
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

async function performEach(fn: AnyFunction, items: readonly unknown[]): Promise<Outcomes> {
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
  return { values: run.results, errors };
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
