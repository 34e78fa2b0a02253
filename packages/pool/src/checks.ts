import { inspect } from 'node:util';

/** What the user passes to a pool, checked: a mistake is an error at once, and harms no other task. */

/** @throws TypeError unless it is an object with functions for callbacks, or none */
export function checkOptions<T extends object>(options: T, what: string): T {
  if (typeof options !== 'object' || options === null) throw invalid(what, 'an object', options);
  for (const name of ['callback', 'errorCallback'] as const) {
    const callback: unknown = (options as Record<string, unknown>)[name];
    if (callback !== undefined && typeof callback !== 'function') throw invalid(name, 'a function', callback);
  }
  return options;
}

export const invalid = (what: string, expected: string, value: unknown): TypeError =>
  Object.assign(new TypeError(`Pool: ${what} must be ${expected}, not ${inspect(value, { depth: 0 })}.`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
