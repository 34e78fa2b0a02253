import { invalid } from './checks.ts';
import type { AnyFunction } from './options.ts';

/** A function as its pool knows it. */
export interface Known {
  readonly id: number;
  readonly fn: (...args: never[]) => unknown;
  /** How it is called in messages. */
  readonly name: string;
  /** How one call of it is. */
  readonly call: string;
}

/** The functions that a pool was given, with the numbers by which its workers know them. */
export class KnownFunctions {
  readonly #known = new WeakMap<AnyFunction, Known>();
  #count = 0;

  /** @throws TypeError for what is no function */
  of(fn: AnyFunction): Known {
    if (typeof fn !== 'function') throw invalid('fn', 'a function', fn);
    let known = this.#known.get(fn);
    if (known === undefined) {
      const name = fn.name || 'anonymous function';
      known = { id: this.#count++, fn, name, call: `${name}()` };
      this.#known.set(fn, known);
    }
    return known;
  }
}
