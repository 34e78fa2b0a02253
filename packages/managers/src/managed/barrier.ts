import { AbortError } from '@mp/errors';
import type { WaitOptions } from '@mp/native';
import { BrokenBarrierError } from '@mp/synchronize';
import { LATE, WaitingLine } from './waiting-line.ts';

/**
 * Where a number of clients wait for each other.
 *
 * Broken when one of them is late, gives up or dies while it waits: nobody passes until it is reset.
 *
 * Python: `multiprocessing.managers.SyncManager.Barrier`, where a dead party is waited for.
 */
export class ManagedBarrier {
  readonly #parties: number;
  readonly #action: (() => unknown) | undefined;
  readonly #timeout: number | undefined;
  #line = new WaitingLine<number>();
  /** All of these have come, and the action is under way. */
  #passing: WaitingLine<number> | undefined;
  #broken = false;

  /**
   * @param parties - how many have to come
   * @param action - an exported function that is called in the server before they pass
   * @param timeout - of each wait that has none of its own, in milliseconds
   */
  constructor(parties: number, action?: (() => unknown) | null, timeout?: number) {
    if (!Number.isSafeInteger(parties) || parties < 1) {
      throw new RangeError(`Barrier: parties must be a whole number, 1 or more, not ${String(parties)}.`);
    }
    this.#parties = parties;
    this.#action = action ?? undefined;
    this.#timeout = timeout;
  }

  /**
   * Waits until all have come.
   *
   * @returns a number from 0 to parties - 1, another one for each; 0 for the last who came
   * @throws BrokenBarrierError; a time-out breaks it, too
   */
  async wait(options?: WaitOptions): Promise<number> {
    if (this.#broken) throw broken('it was broken before');
    const line = this.#line;
    const ahead = line.length;
    if (ahead + 1 === this.#parties) return this.#pass(line);
    let index: number | typeof LATE;
    try {
      const number = this.#parties - 1 - ahead;
      const timeout = options?.timeout ?? this.#timeout;
      index = await line.wait('Barrier.wait: waiting for the others', { ...options, timeout }, () => number);
    } catch (error) {
      if (error instanceof AbortError) this.#break('a party gave up, or died');
      throw error;
    }
    if (index !== LATE) return index;
    this.#break('a party was late');
    throw broken('the time was over');
  }

  /** Breaks it: who waits, or comes, gets BrokenBarrierError. */
  abort(): void {
    this.#break('it was aborted');
  }

  /** As new. Who waits gets BrokenBarrierError. */
  reset(): void {
    this.#break('it was reset');
    this.#broken = false;
  }

  /** How many have to come. */
  parties(): number {
    return this.#parties;
  }

  /** How many wait at this moment. */
  nWaiting(): number {
    return this.#line.length;
  }

  /** Whether it is broken. */
  broken(): boolean {
    return this.#broken;
  }

  async #pass(line: WaitingLine<number>): Promise<number> {
    this.#line = new WaitingLine<number>();
    if (this.#action !== undefined) {
      this.#passing = line;
      try {
        await this.#action();
      } catch (error) {
        this.#break('its action failed');
        throw error;
      }
      if (this.#passing !== line) throw broken('it was broken during its action');
      this.#passing = undefined;
    }
    line.serveAll();
    return 0;
  }

  #break(why: string): void {
    this.#broken = true;
    const lines = [this.#passing, this.#line];
    this.#passing = undefined;
    for (const line of lines) line?.failAll(broken(why));
  }
}

const broken = (why: string): BrokenBarrierError =>
  new BrokenBarrierError(`Barrier.wait: nobody passes, for ${why}. Call reset() to use the barrier again.`);
