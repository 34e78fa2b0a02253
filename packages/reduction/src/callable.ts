/** What a callable consists of. Filled when the callable arrives, which may be after it was made. */
export interface Closure {
  fn: (...args: never[]) => unknown;
  captured: readonly unknown[];
}

const closures = new WeakMap<object, Closure>();

/**
 * A closure that can travel: a function together with its first arguments.
 *
 * Calling it is calling `fn(...captured, ...args)`, with the same `this`. In a message it is a reference to `fn`, which
 * must be exported, registered or a callable itself, and the captured values, pickled like any others.
 *
 * Python: `functools.partial`.
 *
 * @example
 * ```ts
 * export const scale = (factor: number, x: number): number => factor * x;
 * await pool.map(callable(scale, 3), [1, 2]); // [3, 6]
 * ```
 */
export function callable<C extends readonly unknown[], A extends readonly unknown[], R>(
  fn: (...args: [...C, ...A]) => R,
  ...captured: C
): (...args: A) => R {
  if (typeof fn !== 'function') throw new TypeError('callable(f, …captured) needs a function');
  return makeCallable({ fn: fn as Closure['fn'], captured }) as unknown as (...args: A) => R;
}

/** The function that calls what the closure holds at the time of the call. */
export function makeCallable(closure: Closure): (...args: unknown[]) => unknown {
  const call = function (this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(closure.fn, this, [...closure.captured, ...args]);
  };
  Object.defineProperty(call, 'name', { value: `callable ${closure.fn.name}`, configurable: true });
  closures.set(call, closure);
  return call;
}

/** @returns undefined for functions that `callable` did not make */
export const closureOf = (fn: object): Closure | undefined => closures.get(fn);
