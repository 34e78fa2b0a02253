import type { WaitOptions } from '@mp/native';
import { NotOwnerError } from '@mp/synchronize';
import { currentCall } from '../server/call.ts';
import type { Client } from '../server/client.ts';
import { LATE, WaitingLine } from './waiting-line.ts';

/**
 * A lock that its owner may acquire again, and has to release as many times. The owner is a thread of a process: its
 * event loop as a whole, with all that runs in it.
 *
 * When the owner ends, dies or loses its connection the lock is released.
 *
 * Python: `multiprocessing.managers.SyncManager.RLock`, where a lock whose owner has died stays locked.
 */
export class ManagedRLock {
  readonly #line = new WaitingLine<true>();
  #owner: Client | undefined;
  #count = 0;
  #forgetOwner: (() => void) | undefined;

  /**
   * Waits until nobody else has the lock, and takes it.
   *
   * @returns false when it timed out
   */
  async acquire(options?: WaitOptions): Promise<boolean> {
    const { client } = currentCall();
    if (this.#owner === undefined || this.#owner === client) return this.#hold(client, this.#count + 1);
    const held = await this.#line.wait('RLock.acquire: waiting for the lock', options, (next) => this.#hold(next, 1));
    return held !== LATE;
  }

  /** @throws NotOwnerError if this thread has not acquired it */
  release(): void {
    this._assertOwner('RLock.release');
    if (this.#count === 1) this._releaseAll();
    else this.#count--;
  }

  /** Whether somebody has it, at this moment. */
  locked(): boolean {
    return this.#owner !== undefined;
  }

  /** @internal for conditions */
  _assertOwner(what: string): void {
    if (this.#owner !== currentCall().client) {
      throw new NotOwnerError(`${what}: this thread has not acquired the lock. Acquire it first.`);
    }
  }

  /** @internal Releases it as many times as it was acquired. How many that is. */
  _releaseAll(): number {
    const count = this.#count;
    this.#forgetOwner?.();
    this.#forgetOwner = undefined;
    this.#owner = undefined;
    this.#count = 0;
    this.#line.serve();
    return count;
  }

  /** @internal What {@link _releaseAll} has undone. Waits as long as the client lives. */
  async _restore(client: Client, count: number): Promise<void> {
    if (this.#owner === undefined) this.#hold(client, count);
    else await this.#line.waitForLife(client, (again) => this.#hold(again, count));
  }

  #hold(client: Client, count: number): true {
    if (this.#owner !== client) this.#forgetOwner = client.onEnd(() => this._releaseAll());
    this.#owner = client;
    this.#count = count;
    return true;
  }
}
