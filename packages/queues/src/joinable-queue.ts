import type { SyncWaitOptions, Untyped } from '@mp/connection';
import { ProcessError, TimeoutError } from '@mp/errors';
import type { WaitOptions } from '@mp/native';
import { TasksLostError } from './errors.ts';
import { DONE } from './memory/layout.ts';
import type { QueueSpace } from './memory/space.ts';
import { Queue } from './queue.ts';
import type { Ledger } from './tasks/ledger.ts';
import { type Attempt, NOT_YET, type Purpose } from './waiting/attempt.ts';
import { Turnstile } from './waiting/turnstile.ts';

const JOINING: Purpose = {
  method: 'join',
  awaited: 'the tasks to be done',
  late: (method, timeout) =>
    new TimeoutError(`${method}: there were unfinished tasks for ${Math.max(0, timeout)} ms. They go on; try again.`, {
      timeout: Math.max(0, timeout),
    }),
};
const JOINING_SYNC: Purpose = { ...JOINING, method: 'joinSync' };

/**
 * A {@link Queue} that knows which of its messages, called tasks, have been worked on. Whoever gets one calls
 * {@link taskDone} when it is done with it, and {@link join} waits until that is so for all that were put.
 *
 * A task is open from `put` to `taskDone`. It counts for the queue object that got it; `taskDone` elsewhere is accepted, too,
 * and struck off from somebody who has open tasks. A message that cannot be decoded counts as done.
 *
 * Python: `multiprocessing.JoinableQueue`, whose `join` waits for ever when a worker was killed.
 *
 * @typeParam T - what is put
 *
 * @example
 * ```ts
 * for await (const task of queue) {
 *   await work(task);
 *   queue.taskDone();
 * }
 * ```
 */
export class JoinableQueue<T = Untyped> extends Queue<T> {
  readonly #joiners: Turnstile;

  /**
   * @param maxSize - how many messages may wait; then `put` waits. Default 0: as many as there is memory for.
   * @throws RangeError if it is not an integer
   */
  constructor(maxSize?: number);
  /** @internal */
  constructor(space: QueueSpace | number | undefined);
  constructor(maxSize?: QueueSpace | number) {
    super(maxSize, true);
    const { words } = this.shared.space;
    this.#joiners = new Turnstile(this.shared.joiners, { words, index: DONE, inVain: () => words[DONE]! });
  }

  /**
   * One task that was got is done.
   *
   * @throws ProcessError `ERR_MP_TOO_MANY_TASKS_DONE` if no task is open
   *
   * Python: `ValueError: task_done() called too many times`.
   */
  taskDone(): void {
    const outcome = this.#ledger('taskDone').finish();
    if (outcome === 'last') this.shared.joiners.ring(Number.POSITIVE_INFINITY);
    if (outcome !== 'too many') return;
    throw new ProcessError('taskDone() was called too many times: all tasks that were put are done already.', {
      code: 'ERR_MP_TOO_MANY_TASKS_DONE',
    });
  }

  /**
   * Waits until all tasks are done that were put: at once if there are none.
   *
   * @throws TasksLostError if a worker ended without having marked all its tasks. It is noticed within a tenth of a second, and told
   *   once to everybody who has the queue and joins. Those tasks count as done from then on: put them again, or just join again.
   * @throws TimeoutError, AbortError, ClosedError: tasks go on
   *
   * @example
   * ```ts
   * for (const task of tasks) await queue.put(task);
   * await queue.join();
   * ```
   */
  join(options?: WaitOptions): Promise<void> {
    try {
      return this.#joiners.pass(this.#joining('join'), JOINING, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * {@link join}, blocking the thread.
   *
   * @throws DeadlockError if there are unfinished tasks and nobody but this thread has the queue, or has it any more
   */
  joinSync(options?: SyncWaitOptions): void {
    this.#joiners.passSync(this.#joining('joinSync'), JOINING_SYNC, options, () =>
      this.shared.holders.onlyThisThread
        ? 'there are unfinished tasks, and nobody has the queue but this thread, which the call blocks. Use the promise form, or give it to a process first.'
        : undefined,
    );
  }

  protected override turnstiles(): readonly Turnstile[] {
    return [...super.turnstiles(), this.#joiners];
  }

  #joining(method: string): Attempt<void> {
    const ledger = this.#ledger(method);
    const { told } = ledger;
    return () => {
      const loss = ledger.settle(told);
      if (loss === undefined) return ledger.unfinished === 0 ? undefined : NOT_YET;
      // They count as done, which others may wait for.
      this.shared.joiners.ring(Number.POSITIVE_INFINITY);
      throw tasksLost(loss);
    };
  }

  #ledger(method: string): Ledger {
    this.assertOpen(method);
    return this.shared.ledger!;
  }
}

const tasksLost = ({ count, pid }: { count: number; pid: number }): TasksLostError =>
  new TasksLostError(
    `join: ${count === 1 ? 'a task was' : `${count} tasks were`} got by a process (pid ${pid}) that ended, or closed the queue, without calling taskDone. Lost tasks count as done from now on: put them again, or join again.`,
    { count, pid },
  );
