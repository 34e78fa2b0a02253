/** What compiles, and what must not: the functions of a Pool, their arguments and their results. */

import {
  type AsyncResult,
  type ImapIterator,
  Pool,
  type PoolStatistics,
  type PoolWorker,
  progressBar,
  ThreadPool,
} from '@mp/pool';

declare const pool: Pool;
declare const threads: ThreadPool;
declare function nothing(): void;
declare function square(x: number): number;
declare function later(x: number): Promise<string>;
declare function two(name: string, times: number): Promise<number>;
declare function optional(x: number, y?: string): Date;
declare function rest(first: string, ...others: number[]): bigint;
declare function same<T>(value: T): T;
declare function fromList(list: readonly number[]): number;
// biome-ignore lint/suspicious/noExplicitAny: what comes from code without types.
declare const anything: any;
declare const numbers: number[];
declare const words: readonly string[];
declare const table: Map<string, number>;
declare const asyncNumbers: AsyncIterable<number>;

/** Both ways: a type that is wider or narrower than expected does not pass. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is =
  <Expected>() =>
  <Actual>(_value: Actual, _same: Same<Actual, Expected>): void => {};

// ── Results have the type of what the function returns or promises ─────────────────────────────────────────────────

is<Promise<number>>()(pool.apply(square, [1]), true);
is<Promise<string>>()(pool.apply(later, [1]), true);
is<Promise<void>>()(pool.apply(nothing), true);
is<string>()(pool.applySync(later, [1]), true);
is<AsyncResult<string>>()(pool.applyAsync(later, [1]), true);
is<Promise<number[]>>()(pool.map(square, numbers), true);
is<Promise<string[]>>()(pool.map(later, asyncNumbers), true);
is<string[]>()(pool.mapSync(later, numbers), true);
is<AsyncResult<string[]>>()(pool.mapAsync(later, new Set([1])), true);
is<Promise<number[]>>()(pool.starmap(two, [['a', 1]]), true);
is<AsyncResult<number[]>>()(pool.starmapAsync(two, [['a', 1]]), true);
is<Promise<string[]>>()(pool.map(same, words), true);
is<Promise<[string, number][]>>()(pool.map(same, table), true);
is<Promise<Date[]>>()(pool.map(optional, numbers), true);
is<PoolWorker[]>()(pool.workers, true);

// ── Arguments ──────────────────────────────────────────────────────────────────────────────────────────────────────

void pool.apply(nothing, []);
void pool.apply(two, ['a', 1]);
void pool.apply(two, ['a', 1] as const);
void pool.apply(optional, [1]);
void pool.apply(optional, [1, 'a']);
void pool.apply(rest, ['a', 1, 2, 3]);
void pool.apply(square, anything);
// @ts-expect-error: it needs an argument
void pool.apply(square);
// @ts-expect-error: one is missing
void pool.apply(two, ['a']);
// @ts-expect-error: one is too much
void pool.apply(square, [1, 2]);
// @ts-expect-error: of the wrong type
void pool.apply(square, ['a']);
// @ts-expect-error: in the wrong order
pool.applyAsync(two, [1, 'a']);
// @ts-expect-error: not a list
pool.applySync(square, 1);

// ── Items ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void pool.map(square, []);
void pool.map(square, [1, 2] as const);
void pool.map(square, new Uint8Array(2));
void pool.map(square, table.values());
void pool.map(square, anything);
void pool.map((x) => x + 1, numbers);
void pool.map(fromList, [[1, 2], [3]]);
void pool.map(square, numbers, { chunkSize: 2 });
void pool.starmap(rest, [['a'], ['b', 1, 2]]);
void pool.starmap(optional, new Set([[1, 'a'] as [number, string]]));
// @ts-expect-error: of the wrong type
void pool.map(square, words);
// @ts-expect-error: of the wrong type
void pool.map(square, ['a']);
// @ts-expect-error: a function of two arguments
void pool.map(two, words);
// @ts-expect-error: nothing to go through
void pool.map(square, 7);
// @ts-expect-error: of the wrong type
void pool.starmap(two, [[1, 'a']]);
// @ts-expect-error: one is missing
void pool.starmap(two, [['a']]);
// @ts-expect-error: items are no lists of arguments
void pool.starmap(square, numbers);
// @ts-expect-error: cannot wait
pool.mapSync(square, asyncNumbers);
// @ts-expect-error: cannot wait
pool.mapAsync(square, asyncNumbers);
// @ts-expect-error: of the wrong type
void pool.map(square, numbers, { chunkSize: '2' });

// ── Callbacks ──────────────────────────────────────────────────────────────────────────────────────────────────────

pool.applyAsync(later, [1], { callback: (value) => is<string>()(value, true) });
pool.mapAsync(later, numbers, { callback: (values) => is<string[]>()(values, true), errorCallback: (_error) => {} });

// ── imap ───────────────────────────────────────────────────────────────────────────────────────────────────────────

is<ImapIterator<number>>()(pool.imap(square, numbers), true);
is<ImapIterator<string>>()(pool.imapUnordered(later, asyncNumbers), true);
is<Promise<IteratorResult<string, undefined>>>()(pool.imap(later, numbers).next({ timeout: 5 }), true);
is<IteratorResult<string, undefined>>()(pool.imap(later, numbers).nextSync(), true);
is<Promise<string[]>>()(Array.fromAsync(pool.imap(later, numbers)), true);
is<string[]>()([...pool.imap(later, numbers)], true);
pool.imap(square, numbers, { chunkSize: 2, bufferSize: 8, signal: new AbortController().signal });
// @ts-expect-error: of the wrong type
pool.imap(square, words);
// @ts-expect-error: nothing to go through
pool.imap(square, 7);
// @ts-expect-error: of the wrong type
pool.imap(square, numbers, { bufferSize: '8' });
// @ts-expect-error: chunks of an imap do not fail together
pool.imap(square, numbers, { failFast: true });

// ── Limits, progress, pools ────────────────────────────────────────────────────────────────────────────────────────

void pool.apply(square, [1], { timeout: 5, retries: 2 });
void pool.apply(nothing, [], { signal: new AbortController().signal });
void pool.map(square, numbers, { failFast: true, onProgress: progressBar('squares') });
pool.mapAsync(square, numbers, { onProgress: ({ total }) => is<number | undefined>()(total, true) });
// @ts-expect-error: of the wrong type
void pool.apply(square, [1], { timeout: '5' });
// @ts-expect-error: not a signal
void pool.apply(square, [1], { signal: 5 });
is<PoolStatistics>()(pool.statistics(), true);
is<Promise<string[]>>()(threads.map(later, numbers), true);
new Pool({ initializer: two, initargs: ['a', 1], maxTasksPerChild: 5, maxMemoryPerChild: 1e9, disposal: 'terminate' });
new ThreadPool({ processes: 2, initializer: nothing, resourceLimits: { maxOldGenerationSizeMb: 100 } });
// @ts-expect-error: not a function
new Pool({ initializer: 7 });
// @ts-expect-error: threads have no start method
new ThreadPool({ context: anything as never, maxMemoryPerChild: 7 });
