import { isInt32, isNumbers, type List, MOST_NUMBERS, type Numbers } from '../numbers.ts';
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
  UNKNOWN_FUNCTION,
} from '../protocol.ts';
import type { Order } from '../wire.ts';

export type AnyFunction = (...args: readonly unknown[]) => unknown;

/**
 * Does what a message asks for. Never throws or rejects. Numbers in the answer are good until the next call.
 *
 * @returns a promise only if the function returns one: what waits for nothing is answered at once
 */
export function perform(order: Order, functions: Map<number, AnyFunction>): Answer | Promise<Answer> {
  const { mode, functionId, payload, fn } = order;
  if (fn !== undefined) learn(functions, functionId, fn as AnyFunction);
  const known = functions.get(functionId);
  if (known === undefined) return [UNKNOWN_FUNCTION];
  if (isNumbers(payload)) return performNumbers(known, payload);
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
  items: List,
  run: Run = runOf(items),
): Answer | Promise<Answer> {
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
  items: List,
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

// Results that are numbers, until they are sent: fresh memory for each list costs as much as many calls.
let integers = new Int32Array(0);
let doubles = new Float64Array(0);

/** As {@link performAll} for `MAP`. The results are taken for integers, then for numbers, as long as they are that. */
function performNumbers(fn: AnyFunction, items: Numbers): Answer | Promise<Answer> {
  const { length } = items;
  if (integers.length === 0) integers = new Int32Array(MOST_NUMBERS);
  let i = 0;
  try {
    let result: unknown;
    for (; i < length; i++) {
      result = fn(items[i]);
      if (!isInt32(result)) break;
      integers[i] = result;
    }
    if (i === length) return [DONE, integers.subarray(0, length)];
    const before = integers.subarray(0, i);
    if (typeof result !== 'number') return performOthers(fn, items, before, result);
    if (doubles.length === 0) doubles = new Float64Array(MOST_NUMBERS);
    doubles.set(before);
    for (; typeof result === 'number'; result = fn(items[i])) {
      doubles[i] = result;
      if (++i === length) return [DONE, doubles.subarray(0, length)];
    }
    return performOthers(fn, items, doubles.subarray(0, i), result);
  } catch (error) {
    return [FAILED, error, i];
  }
}

/** Goes on with the first result that is no number. */
function performOthers(fn: AnyFunction, items: Numbers, before: Numbers, result: unknown): Answer | Promise<Answer> {
  const run = runOf(items);
  for (; run.done < before.length; run.done++) run.results[run.done] = before[run.done];
  if (isThenable(result)) return performRest(MAP, fn, items, run, result);
  run.results[run.done++] = result;
  return performAll(MAP, fn, items, run);
}

/** How far a list of items has come. */
interface Run {
  readonly results: unknown[];
  done: number;
}

/** Room for all results from the beginning: a list that grows takes four times as long. */
const runOf = ({ length }: List): Run => ({ results: new Array<unknown>(length), done: 0 });

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
function performSome(mode: CallMode, fn: AnyFunction, items: List, run: Run): PromiseLike<unknown> | undefined {
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
