/**
 * The promise form of {@link futexWaitSync}: a native thread sleeps, see addon/futex_waiters.h for who does what.
 * Here are the promises, by the id of the wait.
 *
 * @module
 */
import { AbortError, ClosedError } from '@mp/errors';
import { addon } from './addon.ts';
import { atFork } from './at-fork.ts';
import type { WaitOptions } from './deadline.ts';
import { FUTEX_RESULTS, type FutexResult } from './futex.ts';

/** How to wait on a word, beside time-out and signal. */
export interface FutexWaitOptions extends WaitOptions {
  /** Whether the wait keeps the thread alive. Default true. */
  readonly ref?: boolean | undefined;
}

interface Pending {
  /** Kept, so that its memory is not collected and unmapped. */
  readonly words: Int32Array;
  readonly resolve: (result: FutexResult) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the listener off the signal. */
  readonly forgetSignal: () => void;
}

const pending: Map<number, Pending> = new Map();
let listening = false;

// In a forked child: they are the parent's, and so are their promises.
atFork({ child: () => pending.clear() });

const CHANGED_ALREADY = -1;
const TIMED_OUT_ALREADY = -2;

/**
 * Waits while `words[index]` is `expected`, until woken, without blocking the event loop.
 *
 * Any number of waits may be pending, also on one word (8128 in a thread; on Linux before 5.16 512, and each takes a
 * native thread). A wake that meets a wait which is being aborted is passed on to another sleeper. A wake without a
 * change of the word may go unnoticed when another word of this thread is woken in the same moment: change, then wake.
 *
 * @param words - over memory of {@link mapMemory} or a {@link Mapping}; kept alive while waiting
 * @returns rejects with AbortError (`signal`), with ClosedError when {@link unmapMemory} takes the memory away, with
 *   Error `EFAULT` when it was truncated (as soon as that is noticed, and at the time-out at the latest), with Error `EAGAIN` when there are too many waits. A wrong argument rejects,
 *   too. A worker that is terminated settles none of its waits.
 *
 * @example
 * ```ts
 * while (Atomics.load(words, 0) === 0) await futexWait(words, 0, 0, { timeout: 1000, signal });
 * ```
 */
export async function futexWait(
  words: Int32Array,
  index: number,
  expected: number,
  options: FutexWaitOptions = {},
): Promise<FutexResult> {
  const { timeout = Number.POSITIVE_INFINITY, signal, ref = true } = options;
  listen();
  if (signal?.aborted) throw aborted(signal);
  const id = addon().futexWait(words, index, expected, timeout, ref);
  if (id === CHANGED_ALREADY) return 'changed';
  if (id === TIMED_OUT_ALREADY) return 'timed-out';
  const { promise, resolve, reject } = Promise.withResolvers<FutexResult>();
  const onAbort = (): void => abort(id, signal as AbortSignal);
  signal?.addEventListener('abort', onAbort, { once: true });
  const forgetSignal = (): void => signal?.removeEventListener('abort', onAbort);
  pending.set(id, { words, resolve, reject, forgetSignal });
  return promise;
}

/** Rejects the waits on memory that is about to be unmapped. @internal */
export function endWaitsOn(buffer: ArrayBuffer): void {
  for (const [id, { words }] of pending) {
    if (words.buffer !== buffer || !addon().futexCancel(id)) continue;
    take(id)?.reject(unmapped());
  }
}

function listen(): void {
  if (listening) return;
  addon().futexOnSettled(onSettled);
  listening = true;
}

function onSettled(): void {
  for (let packed = addon().futexTake(); packed >= 0; packed = addon().futexTake()) {
    const wait = take(Math.floor(packed / 4));
    const result = FUTEX_RESULTS[packed % 4];
    if (result !== undefined) wait?.resolve(result);
    else wait?.reject(wait.words.length === 0 ? unmapped() : truncated());
  }
}

function abort(id: number, signal: AbortSignal): void {
  // If not: it was settled before, perhaps by a wake that must not be lost, and resolves in a moment.
  if (addon().futexCancel(id)) take(id)?.reject(aborted(signal));
}

function take(id: number): Pending | undefined {
  const wait = pending.get(id);
  pending.delete(id);
  wait?.forgetSignal();
  return wait;
}

function aborted(signal: AbortSignal): AbortError {
  return new AbortError('futexWait() was aborted', { cause: signal.reason });
}

function unmapped(): ClosedError {
  return new ClosedError('The memory was unmapped while futexWait() waited for a word of it');
}

function truncated(): Error {
  const message = 'EFAULT: bad address in system call argument, futex: the memory was truncated or unmapped';
  return Object.assign(new Error(message), { code: 'EFAULT', syscall: 'futex' });
}
