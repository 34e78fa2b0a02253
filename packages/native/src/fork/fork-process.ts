import { AbortError, ProcessError } from '@mp/errors';
import { addon } from '../addon.ts';
import { withForkHooks } from '../at-fork.ts';
import { Deadline } from '../deadline.ts';
import { ForkError } from '../errors.ts';
import { exitWithoutNode } from './exit.ts';
import { findKeptConnections, forgetKeptConnections } from './keep-alive.ts';
import { findObstacle } from './obstacles.ts';
import { OthersTime } from './others-time.ts';
import { takeOverProcessObject } from './process-object.ts';
import { drawAnew, findStock } from './randomness.ts';
import { clearTimers, collectTimers } from './timers.ts';

/** How long a fork may wait for the other threads, and what ends that. */
export interface ForkOptions {
  /**
   * How long other threads may take to come to rest, in milliseconds. Default: 10,000, in which the time is not counted
   * that they wait for a processor, so that a busy machine is no reason to give up.
   */
  readonly timeout?: number | undefined;
  /** Ends the attempts with an `AbortError`: then there is no child. */
  readonly signal?: AbortSignal | undefined;
}

/** What threads get by default: time of their own, see others-time.ts. */
const DEFAULT_PATIENCE_MS = 10_000;
/** How long the event loop stands still for one attempt. What V8's workers do is mostly done within that. */
const ATTEMPT_MS = 20;

/**
 * Why this process cannot be forked: a sentence, or undefined if nothing is known to prevent it.
 *
 * Known beforehand are: another platform than Linux on x86-64 with glibc, a Node without the symbols that it takes,
 * worker threads, an inspector or profiler at work. Found out at the fork: threads that do not rest.
 */
export function canFork(): string | undefined {
  return findObstacle();
}

/**
 * Copies this process: fork(2), done so that both copies go on running JavaScript. addon/fork.h tells how.
 *
 * The child has everything that is in memory: functions, closures, modules, objects of any size, without copying (the
 * pages are copied when one of the two writes). It runs `inChild` and whatever that begins, and ends when its event
 * loop is empty. Nothing of what the parent had begun goes on in it: no promise is settled, no callback called, timers
 * and immediates are cleared, sockets, servers and watchers are dead, listeners of `process` are gone. The three
 * standard streams are shared.
 *
 * It happens from an immediate, so the promise jobs that the parent has begun are done by then. The event loop stands
 * still meanwhile: some milliseconds, and about 10 for each GiB of memory.
 *
 * The child is killed with its parent. The parent has to `reapChild` it.
 *
 * @param inChild - what the child does. What it throws is an uncaught error of the child.
 * @returns the pid of the child; in the child, the promise is never settled
 * @throws ForkError with the reason, AbortError: nothing has happened then
 *
 * @example
 * ```ts
 * const table = await loadLargeTable();
 * const pid = await forkProcess(() => console.log(table.size));
 * const pidfd = openProcess(pid);
 * ```
 */
export async function forkProcess(inChild: () => void, options: ForkOptions = {}): Promise<number> {
  const { timeout, signal } = options;
  const deadline = Deadline.after(timeout);
  let others: OthersTime | undefined;
  const isTooLate = (): boolean => {
    if (timeout !== undefined) return deadline.expired;
    others ??= new OthersTime();
    return others.passed() >= DEFAULT_PATIENCE_MS;
  };
  return new Promise((resolve, reject) => {
    const attempt = (): void => {
      const immediate = setImmediate(() => {
        try {
          if (signal?.aborted) throw aborted(signal);
          const obstacle = findObstacle();
          if (obstacle !== undefined) throw new ForkError(obstacle);
          findStock();
          const pid = withForkHooks(() => forkOnce(immediate));
          if (pid === 0) inChild();
          else if (typeof pid === 'number') resolve(pid);
          else if (isTooLate()) reject(new ForkError(`${pid}, and did not come to rest`));
          // A turn of the loop may be what it takes.
          else setTimeout(attempt, 1);
        } catch (error) {
          if (process.pid === parent) reject(error instanceof ProcessError ? error : failure(error));
          // The parent's promise must not go on here.
          else throw error;
        }
      });
    };
    const parent = process.pid;
    attempt();
  });
}

function forkOnce(immediate: NodeJS.Immediate): number | string {
  const timers = collectTimers(immediate);
  const kept = findKeptConnections();
  const pid = addon().fork(ATTEMPT_MS);
  if (pid === 0) {
    takeOverProcessObject();
    clearTimers(timers);
    exitWithoutNode();
    drawAnew();
    forgetKeptConnections(kept);
  }
  return pid;
}

const aborted = (signal: AbortSignal): AbortError =>
  new AbortError('forkProcess: waiting for the other threads to come to rest was aborted by its signal.', {
    cause: signal.reason,
  });

const failure = (cause: unknown): ForkError =>
  new ForkError(cause instanceof Error ? cause.message : String(cause), { cause });
