import type { WaitOptions } from '@mp/native';
import { NotOwnerError, ReleaseError } from '@mp/synchronize';
import { currentCall } from '../server/call.ts';
import type { Client } from '../server/client.ts';
import { LATE, WaitingLine } from './waiting-line.ts';

/**
 * A lock in the server of a manager, for clients on this machine and others. Who waits gets it in turn.
 *
 * When the client that acquired it ends, dies or loses its connection it is released. Anybody may release it.
 *
 * Python: `multiprocessing.managers.SyncManager.Lock`, where a lock whose holder has died stays locked.
 */
export class ManagedLock {
  readonly #line = new WaitingLine<true>();
  #locked = false;
  #forgetHolder: (() => void) | undefined;

  /**
   * Waits until nobody has the lock, and takes it.
   *
   * @returns false when it timed out
   */
  async acquire(options?: WaitOptions): Promise<boolean> {
    if (!this.#locked) return this.#hold(currentCall().client);
    const held = await this.#line.wait('Lock.acquire: waiting for the lock', options, (client) => this.#hold(client));
    return held !== LATE;
  }

  /** @throws ReleaseError if nobody has it */
  release(): void {
    if (!this.#locked) throw new ReleaseError('Lock.release: nobody has this lock. Nothing was changed.');
    this._releaseAll();
  }

  /** Whether somebody has it, at this moment. */
  locked(): boolean {
    return this.#locked;
  }

  /** @internal for conditions */
  _assertOwner(what: string): void {
    if (!this.#locked) throw new NotOwnerError(`${what}: the lock is not acquired. Acquire it first.`);
  }

  /** @internal for conditions */
  _releaseAll(): number {
    this.#forgetHolder?.();
    this.#forgetHolder = undefined;
    this.#locked = false;
    this.#line.serve();
    return 1;
  }

  /** @internal for conditions */
  async _restore(client: Client): Promise<void> {
    if (!this.#locked) this.#hold(client);
    else await this.#line.waitForLife(client, (again) => this.#hold(again));
  }

  #hold(client: Client): true {
    this.#locked = true;
    this.#forgetHolder = client.onEnd(() => this._releaseAll());
    return true;
  }
}
