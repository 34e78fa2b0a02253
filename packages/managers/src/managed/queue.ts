import type { WaitOptions } from '@mp/native';
import { QueueEmptyError, QueueFullError, QueueShutDownError } from '@mp/queues';
import { SNAPSHOT } from '../snapshot.ts';
import { LATE, WaitingLine } from './waiting-line.ts';

const NOW: WaitOptions = { timeout: 0 };
const SERVED = 0;

/**
 * A queue in the server of a manager, for clients on this machine and others; first in, first out. Who waits is served in
 * turn.
 *
 * An item is gone from the queue when it is on its way to the client that gets it: if that one dies in the same moment,
 * it is lost. One that dies while it waits gets none.
 *
 * Python: `multiprocessing.managers.SyncManager.Queue` and `JoinableQueue`, which are the same.
 */
export class ManagedQueue<T = unknown> {
  readonly #items: T[] = [];
  readonly #maxSize: number;
  readonly #getters = new WaitingLine<T>();
  readonly #putters = new WaitingLine<typeof SERVED>();
  readonly #joiners = new WaitingLine<typeof SERVED>();
  #unfinished = 0;
  #shutDown = false;

  /** @param maxSize - how many items there may be; 0 or less: as many as fit in memory */
  constructor(maxSize = 0) {
    if (typeof maxSize !== 'number' || Number.isNaN(maxSize)) throw new TypeError('Queue: maxSize must be a number.');
    this.#maxSize = maxSize;
  }

  /**
   * Puts an item, once there is room.
   *
   * @throws QueueFullError when the time is over; QueueShutDownError
   */
  async put(item: T, options?: WaitOptions): Promise<void> {
    this.#assertOpen('put');
    if (!this.full() && this.#putters.length === 0) {
      this.#put(item);
      return;
    }
    const put = await this.#putters.wait('Queue.put: waiting for room', options, () => {
      this.#put(item);
      return SERVED;
    });
    if (put === LATE) throw new QueueFullError('Queue.put: there was no room in time. Nothing was put.');
  }

  /** Puts an item if there is room. @throws QueueFullError */
  putNowait(item: T): Promise<void> {
    return this.put(item, NOW);
  }

  /**
   * Takes an item, once there is one.
   *
   * @throws QueueEmptyError when the time is over; QueueShutDownError when it was shut down and everything was taken
   */
  async get(options?: WaitOptions): Promise<T> {
    if (this.#items.length > 0) return this.#take();
    this.#assertOpen('get');
    const item = await this.#getters.wait('Queue.get: waiting for an item', options, () => this.#items.shift() as T);
    if (item === LATE) throw new QueueEmptyError('Queue.get: nothing came in time. Nothing was taken.');
    return item;
  }

  /** Takes an item if there is one. @throws QueueEmptyError */
  getNowait(): Promise<T> {
    return this.get(NOW);
  }

  /** How many items there are, at this moment. */
  qsize(): number {
    return this.#items.length;
  }

  empty(): boolean {
    return this.#items.length === 0;
  }

  full(): boolean {
    return this.#maxSize > 0 && this.#items.length >= this.#maxSize;
  }

  /** An item that was taken has been dealt with. @throws RangeError when called more often than items were put */
  taskDone(): void {
    if (this.#unfinished === 0) throw new RangeError('Queue.taskDone: called too many times.');
    this.#unfinished--;
    if (this.#unfinished === 0) this.#joiners.serveAll();
  }

  /**
   * Waits until every item that was put has been dealt with.
   *
   * @returns false when it timed out
   */
  async join(options?: WaitOptions): Promise<boolean> {
    if (this.#unfinished === 0) return true;
    return (await this.#joiners.wait('Queue.join: waiting for the tasks', options, () => SERVED)) !== LATE;
  }

  /** Nothing can be put any more; what is there can be taken. Who waits gets QueueShutDownError. */
  shutdown(): void {
    this.#shutDown = true;
    this.#putters.failAll(shutDown('put'));
    this.#getters.failAll(shutDown('get'));
  }

  [SNAPSHOT](): T[] {
    return [...this.#items];
  }

  #put(item: T): void {
    this.#unfinished++;
    this.#items.push(item);
    this.#getters.serve();
  }

  #take(): T {
    const item = this.#items.shift() as T;
    if (!this.full()) this.#putters.serve();
    return item;
  }

  #assertOpen(method: string): void {
    if (this.#shutDown) throw shutDown(method);
  }
}

const shutDown = (method: string): QueueShutDownError =>
  new QueueShutDownError(`Queue.${method}: the queue was shut down.`);
