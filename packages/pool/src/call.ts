import type { AsyncResult } from './async-result.ts';
import type { Known } from './known-functions.ts';
import type { Limits } from './limits.ts';
import { APPLY } from './protocol.ts';
import type { Work } from './work.ts';

/**
 * One call of a function. Thousands of them may be outstanding, each alive until it is answered, and what the collector
 * has to carry about is most of what such a call costs: so they have no closures, and nothing that all have in common.
 */
export class Call<T> implements Work {
  readonly payload: readonly unknown[];
  retries: number;
  readonly #known: Known;
  readonly #result: AsyncResult<T>;
  readonly #limits: Limits | undefined;

  constructor(
    known: Known,
    payload: readonly unknown[],
    result: AsyncResult<T>,
    retries: number,
    limits: Limits | undefined,
  ) {
    this.#known = known;
    this.payload = payload;
    this.#result = result;
    this.retries = retries;
    this.#limits = limits;
  }

  get mode(): typeof APPLY {
    return APPLY;
  }

  get functionId(): number {
    return this.#known.id;
  }

  get fn(): (...args: never[]) => unknown {
    return this.#known.fn;
  }

  get task(): string {
    return this.#known.call;
  }

  get first(): number {
    return 0;
  }

  done(value: unknown): void {
    this.#limits?.lift();
    this.#result.succeed(value as T);
  }

  failed(error: unknown): void {
    this.#limits?.lift();
    this.#result.fail(error);
  }
}
