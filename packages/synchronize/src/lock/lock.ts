import { inspect } from 'node:util';
import { DeadlockError } from '@mp/errors';
import { Deadline, IDENTITY_MASK, identify, thisThread, type WaitOptions } from '@mp/native';
import { register } from '@mp/reduction';
import type { Block } from '@mp/shared-memory/internal';
import { ReleaseError } from '../errors.ts';
import { checkOptions, type SynchronizeOptions, type SyncWaitOptions } from '../options.ts';
import { Placement } from '../placement.ts';
import { ownerName } from '../representation.ts';
import { LATE } from '../waiting/attempt.ts';
import { Line } from '../waiting/line.ts';
import { attemptSync } from '../waiting/sync.ts';
import { free, HOLDER, holderOf, LockAttempt, type OwnerDied, START, tryTake } from './lock-word.ts';
import { type Held, Lockable } from './lockable.ts';
import type { OwnerOption } from './owner.ts';

/** What {@link Lock} and {@link RLock} take. */
export interface LockOptions extends SynchronizeOptions {
  /**
   * What the next one gets when a holder died: `'error'` an {@link OwnerDiedError}, and the lock; `'acquire'` just the
   * lock. Default: `'error'`.
   */
  readonly ownerDied?: OwnerDied | undefined;
}

export function checkOwnerDied(ownerDied: unknown = 'error'): OwnerDied {
  if (ownerDied === 'error' || ownerDied === 'acquire') return ownerDied;
  throw new TypeError(`{ ownerDied } must be 'error' or 'acquire', not ${inspect(ownerDied)}`);
}

/**
 * A lock between processes, not recursive.
 *
 * It may be acquired in one process and released in another, or by another task: it belongs to nobody in particular.
 * But it remembers who acquired it: when that process or worker thread ends without giving it back, however it ends,
 * the next one gets it, with an {@link OwnerDiedError}, within a tenth of a second.
 *
 * An uncontended lock is one atomic operation each way. There is no order among those who wait, except among the
 * promises of one thread, which come in turn.
 *
 * It can be sent in any message and is inherited by a fork. Nothing has to be closed.
 *
 * Python: `multiprocessing.Lock`. There a lock whose holder was killed stays locked for ever; and `with` is
 * {@link withLock} here.
 *
 * @example
 * ```ts
 * const lock = new Lock();
 * const p = new Process({ target: worker, args: [lock] });
 * await p.start();
 * await lock.withLock(async () => {
 *   // nobody else is in here
 * });
 * ```
 */
export class Lock extends Lockable {
  readonly #words: Int32Array;
  readonly #ownerDied: OwnerDied;
  readonly #block: Block;
  readonly #line = new Line();

  constructor(options: LockOptions = {}) {
    super();
    this.#ownerDied = checkOwnerDied(options.ownerDied);
    identify();
    this.#block = placement.place(this, 8);
    this.#words = this.#block.int32();
  }

  /**
   * Waits until it has the lock. Never blocks the event loop.
   *
   * @returns false when it timed out
   * @throws OwnerDiedError: the lock **is held** by the caller, after its holder died; AbortError: it is not
   */
  async acquire(options?: WaitOptions): Promise<boolean> {
    checkOptions(options);
    if (this.#line.isEmpty && options?.signal?.aborted !== true && tryTake(this.#words)) return true;
    const attempt = new LockAttempt('Lock.acquire: waiting for the lock', this.#words, this.#ownerDied, false);
    return (await this.#line.add(attempt, options)) !== LATE;
  }

  /**
   * {@link acquire}, blocking the thread.
   *
   * @throws DeadlockError when this very thread holds it and there is no time-out: nothing here could give it back
   *   while the thread is blocked
   */
  acquireSync(options?: SyncWaitOptions): boolean {
    if (options !== undefined) checkOptions(options);
    if (Atomics.compareExchange(this.#words, HOLDER, 0, thisThread.word) === 0) {
      this.#words[START] = thisThread.start;
      return true;
    }
    const deadline = Deadline.after(options?.timeout);
    if (deadline === Deadline.never && holderOf(this.#words) === thisThread.word) {
      throw new DeadlockError(
        'Lock.acquireSync would wait for ever: this thread holds the lock itself. Use await acquire() if another task of this thread gives it back, an RLock to acquire it twice, or a timeout.',
      );
    }
    const attempt = new LockAttempt('Lock.acquireSync: waiting for the lock', this.#words, this.#ownerDied, true);
    return attemptSync(attempt, deadline) !== LATE;
  }

  /**
   * Gives the lock back, and wakes one who waits for it. Any process and thread may do that, not only the holder.
   *
   * @throws ReleaseError when nobody holds it
   */
  release(): void {
    const before = free(this.#words);
    if (before > 0) return;
    if (before < 0) {
      // Whoever waits in our own line sleeps, too, or was woken already.
      this.#line.givenBack();
      return;
    }
    throw new ReleaseError(
      'Lock.release: the lock was released too many times: nobody holds it. Release once for each acquire that returned true.',
    );
  }

  /** Whether anybody holds it, at this moment. */
  locked(): boolean {
    return Atomics.load(this.#words, HOLDER) !== 0;
  }

  /** `<Lock(owner=None)>`; the owner may also be `ThisProcess` (Python: its name), `SomeOtherThread`, `SomeOtherProcess`. */
  override toString(): string {
    return `<Lock(owner=${ownerName(Atomics.load(this.#words, HOLDER) & IDENTITY_MASK)})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal Whether the calling thread holds it. */
  isMine(_options?: OwnerOption): boolean {
    return holderOf(this.#words) === thisThread.word;
  }

  /** @internal */
  giveUp(_options?: OwnerOption): Held {
    this.release();
    return { count: 1, owner: 0 };
  }

  /** @internal */
  async restore(_held: Held, _options?: OwnerOption): Promise<void> {
    await this.acquire();
  }

  /** @internal */
  restoreSync(_held: Held, _options?: OwnerOption): void {
    this.acquireSync();
  }

  /** @internal */
  static reduce(lock: Lock): [Block, OwnerDied] {
    return [lock.#block, lock.#ownerDied];
  }

  /** @internal */
  static rebuild([block, ownerDied]: readonly [Block, OwnerDied]): Lock {
    return placement.rebuild(block, Lock, () => new Lock({ ownerDied }));
  }
}

const placement = new Placement();

register(Lock, {
  name: '@mp/synchronize/Lock',
  module: import.meta.url,
  reduce: Lock.reduce,
  rebuild: Lock.rebuild,
});
