import type { AsyncResult } from './async-result.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Limits } from './limits.ts';
import { MapResults } from './map-results.ts';
import { type List, numbersToSend } from './numbers.ts';
import { Odometer, type OnProgress } from './progress.ts';
import { MAP, type STARMAP } from './protocol.ts';
import type { Work } from './work.ts';

/** What a map is made of. */
export interface MapRequest {
  readonly mode: typeof MAP | typeof STARMAP;
  readonly functionId: number;
  readonly fn: (...args: never[]) => unknown;
  readonly items: readonly unknown[];
  readonly chunks: Iterable<readonly [start: number, end: number]>;
  /** How the map is called in messages. */
  readonly task: string;
  readonly retries: number;
  readonly failFast: boolean;
  readonly limits: Limits | undefined;
  readonly onProgress: OnProgress | undefined;
}

/**
 * A list that is handed over in chunks, and the results, put together in the order of the items.
 *
 * If chunks fail, the result is the error of the one that failed first, once all of them have been answered: nothing of
 * this map runs any more when its promise is settled. Who wants to fail fast has the error at once; what has not begun
 * is taken back, and what has begun comes to its end unnoticed.
 */
export class MapJob {
  readonly #request: MapRequest;
  readonly #dispatcher: Dispatcher;
  readonly #result: AsyncResult<unknown[]>;
  readonly #results = new MapResults();
  readonly #odometer: Odometer;
  /** What may have to be cancelled. */
  readonly #outstanding: Set<Work> | undefined;
  #left = 1;
  #failure: { readonly error: unknown } | undefined;
  #over = false;

  constructor(request: MapRequest, dispatcher: Dispatcher, result: AsyncResult<unknown[]>) {
    const { items, limits, failFast, onProgress } = request;
    this.#request = request;
    this.#dispatcher = dispatcher;
    this.#result = result;
    this.#odometer = new Odometer(onProgress, items.length);
    if (limits !== undefined || failFast) this.#outstanding = new Set();
  }

  start(): void {
    const { chunks, limits } = this.#request;
    limits?.watch((error) => this.#cancel(error));
    let chunk = 0;
    for (const [start, end] of chunks) {
      // It has failed already, or came too late.
      if (this.#over || (this.#failure !== undefined && this.#outstanding !== undefined)) break;
      this.#left++;
      this.#add(chunk++, start, end);
    }
    this.#answered();
  }

  #add(chunk: number, start: number, end: number): void {
    const { mode, functionId, fn, items, task, retries, failFast } = this.#request;
    const work: Work = {
      mode,
      functionId,
      fn,
      payload: (mode === MAP ? numbersToSend(items, start, end) : undefined) ?? items.slice(start, end),
      task,
      first: start,
      retries,
      done: (values) => {
        this.#results.put(chunk, values as List);
        this.#answered(work);
      },
      failed: (error) => {
        const first = this.#failure === undefined;
        this.#failure ??= { error };
        this.#answered(work);
        if (first && failFast) this.#failFast();
      },
    };
    this.#outstanding?.add(work);
    this.#dispatcher.add(work);
  }

  #answered(work?: Work): void {
    if (this.#over) return;
    if (work !== undefined) {
      this.#outstanding?.delete(work);
      this.#odometer.advance(work.payload.length);
    }
    if (--this.#left === 0) this.#settle();
  }

  #cancel(error: unknown): void {
    this.#failure ??= { error };
    this.#dispatcher.cancel(this.#takeOutstanding(), error);
  }

  #failFast(): void {
    if (this.#over) return;
    this.#settle();
    this.#dispatcher.cancel(this.#takeOutstanding(), this.#failure?.error, true);
  }

  #takeOutstanding(): Set<Work> {
    return new Set(this.#outstanding);
  }

  #settle(): void {
    this.#over = true;
    this.#request.limits?.lift();
    if (this.#failure === undefined) this.#result.succeed(this.#results.join());
    else this.#result.fail(this.#failure.error);
  }
}
