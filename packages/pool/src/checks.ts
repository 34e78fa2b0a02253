import { inspect } from 'node:util';
import { checkCount } from './chunks.ts';
import type { WorkerPoolOptions } from './options.ts';

/** What the user passes to a pool, checked: a mistake is an error at once, and harms no other task. */

const FUNCTIONS = ['callback', 'errorCallback', 'onProgress', 'initializer'] as const;

/** @throws TypeError unless it is an object with functions for callbacks, or none */
export function checkOptions<T extends object>(options: T, what: string): T {
  if (typeof options !== 'object' || options === null) throw invalid(what, 'an object', options);
  for (const name of FUNCTIONS) {
    const callback: unknown = (options as Record<string, unknown>)[name];
    if (callback !== undefined && typeof callback !== 'function') throw invalid(name, 'a function', callback);
  }
  return options;
}

/** @throws TypeError, RangeError */
export function checkPoolOptions<T extends WorkerPoolOptions>(given: T): T {
  const options = checkOptions(given, 'options');
  const { initargs, maxTasksPerChild, disposal } = options;
  if (initargs !== undefined && !Array.isArray(initargs)) throw invalid('initargs', 'an array of arguments', initargs);
  if (maxTasksPerChild !== undefined) checkCount(maxTasksPerChild, 'maxTasksPerChild');
  if (disposal !== undefined && disposal !== 'wait' && disposal !== 'terminate') {
    throw invalid('disposal', "'wait' or 'terminate'", disposal);
  }
  return options;
}

/** @throws RangeError */
export function checkProcesses(processes: number): number {
  if (Number.isInteger(processes) && processes >= 1) return processes;
  throw Object.assign(new RangeError(`processes is ${processes}: a pool needs 1 worker or more.`), {
    code: 'ERR_OUT_OF_RANGE',
  });
}

/** @throws RangeError */
export function checkRetries(retries: unknown): number {
  if (retries === undefined || retries === Number.POSITIVE_INFINITY) return retries ?? 0;
  if (typeof retries === 'number' && Number.isInteger(retries) && retries >= 0) return retries;
  throw Object.assign(new RangeError(`retries is ${String(retries)}: it must be an integer of 0 or more.`), {
    code: 'ERR_OUT_OF_RANGE',
  });
}

export const invalid = (what: string, expected: string, value: unknown): TypeError =>
  Object.assign(new TypeError(`Pool: ${what} must be ${expected}, not ${inspect(value, { depth: 0 })}.`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
