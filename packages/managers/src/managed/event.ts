import type { WaitOptions } from '@mp/native';
import { LATE, WaitingLine } from './waiting-line.ts';

/** A flag in the server of a manager that clients wait for. Python: `multiprocessing.managers.SyncManager.Event`. */
export class ManagedEvent {
  readonly #line = new WaitingLine<true>();
  #set = false;

  isSet(): boolean {
    return this.#set;
  }

  /** Sets the flag, and wakes all who wait. */
  set(): void {
    this.#set = true;
    this.#line.serveAll();
  }

  clear(): void {
    this.#set = false;
  }

  /**
   * Waits until the flag is set.
   *
   * @returns false when it timed out
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    if (this.#set) return true;
    return (await this.#line.wait('Event.wait: waiting for the event', options, () => true)) !== LATE;
  }
}
