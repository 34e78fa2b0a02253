import type { AsyncResult } from './async-result.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { MAP, STARMAP } from './protocol.ts';
import type { Work } from './work.ts';

/** What a map is made of. */
export interface MapRequest {
  readonly mode: typeof MAP | typeof STARMAP;
  readonly functionId: number;
  readonly fn: (...args: never[]) => unknown;
  readonly items: readonly unknown[];
  readonly chunkSize: number;
  /** How the map is called in messages. */
  readonly task: string;
}

/**
 * Hands over a list in chunks and puts the results together in the order of the items.
 *
 * If chunks fail, the result is the error of the one that failed first, once all of them have been answered: nothing of
 * this map runs any more when its promise is settled.
 */
export function startMap(request: MapRequest, dispatcher: Dispatcher, result: AsyncResult<unknown[]>): void {
  const { items, chunkSize, task, mode, functionId, fn } = request;
  const results = new Array<unknown>(items.length);
  let left = Math.ceil(items.length / chunkSize);
  let failure: { readonly error: unknown } | undefined;
  const answered = (): void => {
    if (--left === 0) result.settle(failure ?? { value: results });
  };
  if (left === 0) result.settle({ value: [] });
  for (let start = 0; start < items.length; start += chunkSize) {
    const end = Math.min(start + chunkSize, items.length);
    const work: Work = {
      mode,
      functionId,
      fn,
      payload: items.slice(start, end),
      task,
      first: start,
      done: (values) => {
        const list = values as readonly unknown[];
        for (let i = 0; i < list.length; i++) results[start + i] = list[i];
        answered();
      },
      failed: (error) => {
        failure ??= { error };
        answered();
      },
    };
    dispatcher.add(work);
  }
}
