import type { WaitOptions } from '@mp/native';
import { currentCall } from '../server/call.ts';
import { referentOf } from '../server/object-server.ts';
import { ManagedLock } from './lock.ts';
import { ManagedRLock } from './rlock.ts';
import { LATE, WaitingLine } from './waiting-line.ts';

/**
 * A condition in the server of a manager: a lock, and clients that wait for what it guards to change.
 *
 * Python: `multiprocessing.managers.SyncManager.Condition`.
 */
export class ManagedCondition {
  readonly #lock: ManagedLock | ManagedRLock;
  readonly #line = new WaitingLine<true>();

  /** @param lock - a proxy of a lock of the same manager. Default: a Lock of its own. (Python: an RLock. Here all that
   *   runs in one event loop is one owner of an RLock, and would not exclude each other.) */
  constructor(lock?: unknown) {
    const found = lock === undefined || lock === null ? new ManagedLock() : referentOf(lock);
    if (!(found instanceof ManagedLock) && !(found instanceof ManagedRLock)) {
      throw new TypeError('Condition: the lock must be a Lock or an RLock of the same manager.');
    }
    this.#lock = found;
  }

  /** As that of its lock. */
  acquire(options?: WaitOptions): Promise<boolean> {
    return this.#lock.acquire(options);
  }

  /** As that of its lock. */
  release(): void {
    this.#lock.release();
  }

  /**
   * Releases the lock, waits until somebody notifies, and has the lock again when it returns, however the wait has ended.
   *
   * @returns false when it timed out
   * @throws NotOwnerError without the lock
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    this.#lock._assertOwner('Condition.wait');
    const { client } = currentCall();
    const notified = this.#line.wait('Condition.wait: waiting to be notified', options, () => true);
    if (notified === LATE) return false;
    const count = this.#lock._releaseAll();
    try {
      return (await notified) !== LATE;
    } finally {
      if (!client.ended) await this.#lock._restore(client, count);
    }
  }

  /** Wakes so many of those who wait, the first ones first. Default 1. */
  notify(count = 1): void {
    this.#lock._assertOwner('Condition.notify');
    for (let i = 0; i < count && this.#line.serve(); i++);
  }

  /** Wakes all who wait. */
  notifyAll(): void {
    this.notify(Number.POSITIVE_INFINITY);
  }
}
