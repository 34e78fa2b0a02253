/**
 * What a pool and its workers say to each other. Each message of the pool but `STOP` gets one answer, in order.
 */

/** Call the function once, with these arguments. */
export const APPLY = 0;
/** Call it with each item as its only argument. */
export const MAP = 1;
/** Call it with each item as its list of arguments. */
export const STARMAP = 2;

/** As `MAP`; an item that fails does not end the list. */
export const MAP_EACH = 4;
/** Call the function once, before anything else. */
export const INITIALIZE = 5;

/** As `MAP`; the items are the bytes of a list of numbers (numbers.ts). */
export const MAP_INT32 = 6;
export const MAP_FLOAT64 = 7;

export type CallMode = typeof APPLY | typeof MAP | typeof STARMAP | typeof MAP_EACH | typeof INITIALIZE;

/** No more work will come. */
export const STOP = 3;

/** What became of the items of a `MAP_EACH`. */
export interface Outcomes {
  /** One for each item; undefined where it failed. */
  readonly values: readonly unknown[];
  /** Which of them failed, and with what. */
  readonly errors: readonly (readonly [index: number, error: unknown])[];
}

/**
 * So many functions a worker keeps, those that came last; the pool knows which. Who makes a function anew for each call,
 * with a table that it captures, would fill the memory of the workers otherwise.
 */
export const MOST_FUNCTIONS = 32;

/** The function comes with the first message that needs it, and is known by its number from then on. */
export type ToWorker =
  | readonly [mode: CallMode, functionId: number, payload: readonly unknown[], fn?: (...args: never[]) => unknown]
  | readonly [
      mode: typeof MAP_INT32 | typeof MAP_FLOAT64,
      functionId: number,
      payload: Uint8Array,
      fn?: (...args: never[]) => unknown,
    ]
  | readonly [mode: typeof STOP];

/** What the function returned; for a list of items the list of results; for a `MAP_EACH` its {@link Outcomes}. */
export const DONE = 0;
/** What the function threw. */
export const FAILED = 1;
/** The message with the function could not be decoded, so the function is not known. */
export const NOT_RECEIVED = 2;
/** A message came for a function that is not known: the one that brought it was not decoded, or taken back. Send it again. */
export const UNKNOWN_FUNCTION = 3;

/** As `DONE` of a list of items; the results are the bytes of a list of numbers. */
export const DONE_INT32 = 4;
export const DONE_FLOAT64 = 5;

/** What a worker says. */
export type FromWorker = Answer | readonly [kind: typeof DONE_INT32 | typeof DONE_FLOAT64, results: Uint8Array];

/** What that means. */
export type Answer =
  /** The results of a list of items are a {@link List}. */
  | readonly [kind: typeof DONE, result: unknown]
  /** `index`: which of the items that came together it was. */
  | readonly [kind: typeof FAILED, error: unknown, index?: number | undefined]
  | readonly [kind: typeof NOT_RECEIVED, error: unknown]
  | readonly [kind: typeof UNKNOWN_FUNCTION];
