import { inspect } from 'node:util';
import type { AnyArguments } from './options.ts';

/** What a constructor of processes is given, checked: whoever makes a mistake learns of it there and not from the child. */

export function checkOptions<T>(options: T): T {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object', options);
  return options;
}

/** Contexts of another copy of the package will do as well. */
export function checkContext(context: unknown): void {
  const getStartMethod: unknown = (context as { readonly getStartMethod?: unknown } | null | undefined)?.getStartMethod;
  if (context !== undefined && typeof getStartMethod !== 'function') {
    throw invalid('context', "what getContext('spawn') returns", context);
  }
}

export function checkTarget(target: unknown): void {
  if (target !== undefined && typeof target !== 'function') throw invalid('target', 'a function', target);
}

export function checkName(name: unknown): string {
  if (typeof name !== 'string') throw invalid('name', 'a string', name);
  return name;
}

/** A list of their own: what the caller does with his afterwards is his affair. */
export function positionalArgumentsOf(args: unknown): AnyArguments {
  if (args === undefined) return [];
  const iterable = args as Partial<Iterable<unknown>> | null;
  if (typeof args !== 'object' || typeof iterable?.[Symbol.iterator] !== 'function') {
    throw invalid('args', 'an array of arguments', args);
  }
  return [...(args as Iterable<unknown>)];
}

export function namedArgumentsOf(kwargs: unknown): object | undefined {
  if (kwargs === undefined) return undefined;
  if (typeof kwargs !== 'object' || kwargs === null) throw invalid('kwargs', 'an object', kwargs);
  return { ...kwargs };
}

const invalid = (what: string, expected: string, value: unknown): TypeError =>
  Object.assign(new TypeError(`Process: ${what} must be ${expected}, not ${inspect(value, { depth: 0 })}.`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
